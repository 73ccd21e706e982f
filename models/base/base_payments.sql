{{ raw_entity('payments') }}
