{# What a new customer pays a month on average: new MRR over the customers that brought it. #}
with

new_customers as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        mrr as numerator,
        1 as denominator

    from {{ ref('fct_customer_months') }}

    where movement = 'new'

)

{{ kpi_from('new_customers', kind='ratio', whole_months=true) }}
