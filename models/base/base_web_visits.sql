{{ raw_entity('web_visits') }}
