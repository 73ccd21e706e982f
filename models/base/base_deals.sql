{{ raw_entity('deals') }}
