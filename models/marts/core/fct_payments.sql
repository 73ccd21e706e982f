with

payments as (

    select
        *,
        {{ reporting_date('paid_at') }} as paid_date
    from {{ ref('stg_payments') }}

),

customers as (

    select * from {{ ref('dim_customers') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

)

select

    ---------- ids
    payments.payment_id,
    payments.account_id as customer_id,

    ---------- text
    customers.rep,
    customers.team,
    customers.channel,
    customers.campaign,
    customers.segment,
    customers.region,
    payments.currency,

    ---------- numerics
    {{ converted('payments.amount', 'rates.rate') }} as amount,

    ---------- booleans
    payments.amount < 0 as is_refund,
    rates.rate is null as is_missing_rate,

    ---------- dates
    payments.paid_date

from payments
inner join customers on payments.account_id = customers.customer_id
left join rates
    on payments.currency = rates.currency
    and payments.paid_date = rates.rate_date

where payments.paid_date <= {{ as_of() }}
