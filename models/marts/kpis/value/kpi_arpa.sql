{# What a customer pays a month on average, at the end of the period. #}
with

customers as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        closing_mrr as mrr,
        1 as customers

    from {{ ref('fct_customer_periods') }}

    where in_end and is_snapshot

)

{{ kpi_from(
    'customers',
    kind='derived',
    measures=['mrr', 'customers'],
    stocks=['mrr', 'customers'],
    numerator='mrr',
    denominator='customers',
    n='coalesce(customers, 0)',
) }}
