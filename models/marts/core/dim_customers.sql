{# A customer is won by a rep before it subscribes: who, and from where, is what its first won deal says. #}
with

spans as (

    select * from {{ ref('int_customer_mrr') }}

),

subscriptions as (

    select * from {{ ref('int_subscriptions_converted') }}

),

payments as (

    select * from {{ ref('stg_payments') }}
    where {{ reporting_date('paid_at') }} <= {{ as_of() }}

),

first_wins as (

    select * from {{ ref('fct_deals') }}
    where is_first_win

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

seen as (

    select customer_id from subscriptions
    union distinct
    select account_id as customer_id from payments

),

first_subscriptions as (

    select
        customer_id,
        min(started_date) as first_subscribed_date
    from subscriptions
    group by 1

),

first_payments as (

    select
        account_id as customer_id,
        min({{ reporting_date('paid_at') }}) as first_payment_date
    from payments
    group by 1

),

paying as (

    select
        customer_id,
        min(valid_from) as first_paid_date,
        max(case when valid_to is null then 1 else 0 end) as is_paying
    from spans
    where mrr > 0
    group by 1

)

select

    ---------- ids
    seen.customer_id,
    first_wins.deal_id as first_deal_id,
    first_wins.rep_id,

    ---------- text
    first_wins.rep,
    first_wins.team,
    first_wins.channel,
    first_wins.campaign,
    coalesce(first_wins.segment, accounts.segment) as segment,
    coalesce(first_wins.region, accounts.region) as region,

    ---------- booleans
    coalesce(paying.is_paying, 0) = 1 as is_paying,

    ---------- dates
    first_wins.closed_date as first_won_date,
    first_subscriptions.first_subscribed_date,
    paying.first_paid_date,
    {{ period_start('month', 'paying.first_paid_date') }} as cohort_month,
    first_payments.first_payment_date

from seen
left join first_wins on seen.customer_id = first_wins.customer_id
left join accounts on seen.customer_id = accounts.account_id
left join first_subscriptions on seen.customer_id = first_subscriptions.customer_id
left join paying on seen.customer_id = paying.customer_id
left join first_payments on seen.customer_id = first_payments.customer_id
