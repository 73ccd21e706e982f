{# What a customer of the end of the period is expected to bring from its next renewal on. It knows how long
   each has stayed: who stays longest is least likely to leave. Without a fit it is unknown for all. #}
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
    numerator='predicted_value',
    denominator='customers',
    n='coalesce(customers, 0)',
) }}
