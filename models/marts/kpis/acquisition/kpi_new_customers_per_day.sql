{# Customers who came in the period, over its days so far. #}
with

customers as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        case when is_new then 1 end as numerator

    from {{ ref('fct_customer_periods') }}

)

{{ kpi_from('customers', kind='per_day', per_grain=true) }}
