{{ raw_entity('subscriptions') }}
