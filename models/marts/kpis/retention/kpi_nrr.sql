{# What the customers of the beginning of the period pay at its end, over what they paid then. Customers who
   came or came back are in neither side. #}
with

customers_at_start as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        closing_mrr as numerator,
        opening_mrr as denominator

    from {{ ref('fct_customer_periods') }}

    where in_start

)

{{ kpi_from('customers_at_start', kind='ratio', per_grain=true) }}
