{# Customers who came in the period, over its days so far. #}
with

customers as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        case when is_new then 1 else 0 end as new_customers

    from {{ ref('fct_customer_periods') }}

)

{{ kpi_from(
    'customers',
    kind='derived',
    per_grain=true,
    measures=['new_customers'],
    numerator='new_customers',
    denominator=days_so_far(),
    n='new_customers',
) }}
