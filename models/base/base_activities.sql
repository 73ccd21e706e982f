{{ raw_entity('activities') }}
