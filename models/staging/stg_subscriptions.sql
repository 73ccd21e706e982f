with

accepted as (

    select * from {{ ref('stg_subscriptions__checked') }}
    where rejection_code is null

),

cleaned as (

    select
        subscription_id,
        account_id,
        lower(plan) as plan,
        coalesce(lower(billing_period), 'month') as billing_period,
        lower(status) as status,
        {{ clean_currency('currency') }} as currency,
        amount,
        {{ billing_months('billing_period') }} as billing_months,
        started_on,
        ended_on

    from accepted

)

select

    ---------- ids
    subscription_id,
    account_id,

    ---------- text
    plan,
    billing_period,
    status,
    currency,

    ---------- numerics
    amount,
    cast(billing_months as integer) as billing_months,
    {{ ratio('amount', 'billing_months') }} as monthly_amount,

    ---------- dates
    started_on,
    ended_on

from cleaned
