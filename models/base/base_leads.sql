{{ raw_entity('leads') }}
