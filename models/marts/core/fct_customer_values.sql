{# What a customer has brought so far. Refunds are taken off. A company that does not show its payments has
   the MRR of its months instead: for all of its customers, never for some. #}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

paid as (

    select
        customer_id,
        sum(amount) as paid_amount,
        sum(case when is_refund then amount end) as refunded_amount,
        max(case when is_missing_rate then 1 else 0 end) as is_missing_rate
    from {{ ref('fct_payments') }}
    group by 1

),

billed as (

    select
        customer_id,
        sum(mrr) as mrr_of_all_months
    from {{ ref('fct_customer_months') }}
    group by 1

),

known_payments as (

    select count(*) as payments
    from paid

),

valued as (

    select
        customers.*,
        coalesce(paid.paid_amount, 0) as paid_amount,
        coalesce(paid.refunded_amount, 0) as refunded_amount,
        coalesce(billed.mrr_of_all_months, 0) as mrr_of_all_months,
        coalesce(paid.is_missing_rate, 0) as is_missing_rate,
        known_payments.payments > 0 as has_payments

    from customers
    cross join known_payments
    left join paid on customers.customer_id = paid.customer_id
    left join billed on customers.customer_id = billed.customer_id

)

select

    ---------- ids
    customer_id,

    ---------- text
    rep,
    team,
    channel,
    campaign,
    segment,
    region,
    case when has_payments then 'payments' else 'mrr' end as value_source,

    ---------- numerics
    {{ amount('paid_amount') }} as paid_amount,
    {{ amount('refunded_amount') }} as refunded_amount,
    {{ amount('mrr_of_all_months') }} as mrr_of_all_months,
    {# A payment whose currency has no rate makes the sum unknown. #}
    cast(
        case
            when has_payments and is_missing_rate = 1 then null
            when has_payments then paid_amount
            else mrr_of_all_months
        end as {{ amount_type() }}
    ) as historic_value,

    ---------- dates
    coalesce(first_paid_date, first_payment_date) as acquired_date

from valued

where first_paid_date is not null or first_payment_date is not null
