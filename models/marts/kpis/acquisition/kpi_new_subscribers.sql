{# Customers who had MRR for the first time in the period, even those who left before it was over. #}
with

newcomers as (

    select
        customer_id as record_id,
        first_paid_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('dim_customers') }}

    where first_paid_date is not null

)

{{ kpi_from('newcomers', kind='count') }}
