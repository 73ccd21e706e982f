{# Customers who came in the period, over those who were there when it began. It may exceed 1. #}
with

customers as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        case when is_new then 1 else 0 end as numerator,
        case when in_start then 1 end as denominator

    from {{ ref('fct_customer_periods') }}

)

{{ kpi_from('customers', kind='ratio', per_grain=true) }}
