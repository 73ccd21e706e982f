with

subscriptions as (

    select * from {{ ref('int_subscriptions_converted') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

)

select

    ---------- ids
    subscriptions.subscription_id,
    subscriptions.customer_id,

    ---------- text
    customers.rep,
    customers.team,
    customers.channel,
    customers.campaign,
    customers.segment,
    customers.region,
    subscriptions.plan,
    subscriptions.billing_period,
    subscriptions.status,
    subscriptions.currency,

    ---------- numerics
    subscriptions.mrr,

    ---------- booleans
    subscriptions.is_trial,
    coalesce(subscriptions.mrr > 0, false) as is_paid,
    subscriptions.ended_date is null as is_active,
    subscriptions.is_missing_rate,

    ---------- dates
    subscriptions.started_date,
    subscriptions.ended_date

from subscriptions
inner join customers on subscriptions.customer_id = customers.customer_id
