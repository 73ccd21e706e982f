{# What all customers of the end of the period are expected to bring from their next renewals on. Of no customers
   that is 0; without a fit it is unknown. #}
with

customers as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        predicted_value,
        1 as customers

    from {{ ref('fct_customer_periods') }}

    where in_end and is_snapshot

)

{{ kpi_from(
    'customers',
    kind='derived',
    measures=['predicted_value', 'customers'],
    stocks=['predicted_value', 'customers'],
    numerator='case when customers > 0 then predicted_value else 0 end',
    n='coalesce(customers, 0)',
) }}
