{# Who buys now and then, without a subscription: when it bought first, how often since, and when last. Nobody
   of these ever says that it has left. #}
with

customers as (

    select * from {{ ref('dim_customers') }}
    where first_payment_date is not null and first_subscribed_date is null

),

{# What is paid in several parts on one day is one purchase; what is given back is none. #}
purchases as (

    select
        customer_id,
        paid_date,
        sum(amount) as amount,
        max(case when is_missing_rate then 1 else 0 end) as is_missing_rate

    from {{ ref('fct_payments') }}

    where not is_refund and coalesce(amount, 1) > 0

    group by 1, 2

),

counted as (

    select
        customer_id,
        count(*) as purchases,
        min(paid_date) as first_purchase_date,
        max(paid_date) as last_purchase_date,
        case when max(is_missing_rate) = 0 then sum(amount) end as amount

    from purchases

    group by 1

)

select

    ---------- ids
    customers.customer_id,

    ---------- text
    customers.rep,
    customers.team,
    customers.channel,
    customers.campaign,
    customers.segment,
    customers.region,

    ---------- numerics
    cast(counted.purchases - 1 as integer) as repeat_purchases,
    {{ days_between('counted.first_purchase_date', 'counted.last_purchase_date') }} as recency_days,
    {{ days_between('counted.first_purchase_date', as_of()) }} as age_days,
    {{ ratio('counted.amount', 'counted.purchases') }} as average_purchase_amount,

    ---------- booleans
    counted.purchases > 1 as is_repeat_buyer,

    ---------- dates
    counted.first_purchase_date,
    counted.last_purchase_date,
    {{ as_of() }} as as_of_date

from customers
inner join counted on customers.customer_id = counted.customer_id
