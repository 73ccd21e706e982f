{# What all customers of the end of the period are worth: each the customer lifetime value of the period. #}
with

customers as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        closing_mrr as mrr,
        1 as customers,
        0 as at_risk,
        0 as churned

    from {{ ref('fct_customer_periods') }}

    where in_end and is_snapshot

),

customer_months as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        0 as mrr,
        0 as customers,
        case when was_customer then 1 else 0 end as at_risk,
        case when movement = 'churn' then 1 else 0 end as churned

    from {{ ref('fct_customer_months') }}

),

both_sides as (

    select * from customers
    union all
    select * from customer_months

)

{{ kpi_from(
    'both_sides',
    kind='derived',
    measures=['mrr', 'customers', 'at_risk', 'churned'],
    stocks=['mrr', 'customers'],
    numerator='coalesce(mrr * at_risk, 0)',
    denominator='churned',
    n='coalesce(customers, 0)',
) }}
