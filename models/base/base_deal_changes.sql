{{ raw_entity('deal_changes') }}
