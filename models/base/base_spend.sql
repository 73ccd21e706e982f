{{ raw_entity('spend') }}
