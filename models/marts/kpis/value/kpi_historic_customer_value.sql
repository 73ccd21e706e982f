{# What the customers who came in the period have brought so far, each: payments less refunds; where the
   company shows no payments, the MRR of their months. #}
with

customers as (

    select
        customer_id as record_id,
        acquired_date as period_date,
        {{ slice_columns() }}
        historic_value as numerator,
        1 as denominator

    from {{ ref('fct_customer_values') }}

    where historic_value is not null

)

{{ kpi_from('customers', kind='ratio') }}
