{{ raw_entity('meetings') }}
