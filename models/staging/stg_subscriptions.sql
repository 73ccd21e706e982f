select
    subscription_id,
    account_id,
    started_on,
    ended_on,
    plan,
    billing_period,
    amount,
    currency,
    status

from {{ ref('stg_subscriptions__checked') }}

where rejection_code is null
