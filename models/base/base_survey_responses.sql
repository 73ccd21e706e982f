{{ raw_entity('survey_responses') }}
