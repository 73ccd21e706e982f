{# What the customers of the end of the period pay a month, and a year. #}
with

customers as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        closing_mrr as month_numerator,
        12 * closing_mrr as year_numerator

    from {{ ref('fct_customer_periods') }}

    where in_end and is_snapshot

)

{{ kpi_from('customers', kind='stock', kpis={
    'mrr': 'month',
    'arr': 'year',
}) }}
