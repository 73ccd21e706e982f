{# How long it took until a qualified lead who contacted us was reached, on average of those who were. #}
with

captured_contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        captured_hours as numerator,
        1 as denominator

    from {{ ref('fct_responses') }}

    where is_captured

)

{{ kpi_from('captured_contacts', kind='ratio') }}
