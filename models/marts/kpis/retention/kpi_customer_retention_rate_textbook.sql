{# Customers at the end less those who are new, over those at the beginning: what textbooks write. Wrong
   wherever customers return, or come and go within the period; it may even exceed 1. #}
with

customers as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        case when in_end then 1 else 0 end - case when is_new then 1 else 0 end as numerator,
        case when in_start then 1 end as denominator

    from {{ ref('fct_customer_periods') }}

)

{{ kpi_from('customers', kind='ratio', per_grain=true) }}
