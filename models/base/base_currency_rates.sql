{{ raw_entity('currency_rates') }}
