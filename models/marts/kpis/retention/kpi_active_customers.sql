{# Customers with MRR at the end of the period. #}
with

customers as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_customer_periods') }}

    where in_end and is_snapshot

)

{{ kpi_from('customers', kind='stock') }}
