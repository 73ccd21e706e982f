{{ raw_entity('accounts') }}
