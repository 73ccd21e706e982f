{{ raw_entity('campaigns') }}
