{# How long a qualified lead who contacted us waited for a person's answer, on average of those who got one.
   #}
with

answered_contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        response_minutes as numerator,
        1 as denominator

    from {{ ref('fct_responses') }}

    where is_responded

)

{{ kpi_from('answered_contacts', kind='ratio') }}
