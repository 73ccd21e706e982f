{# The same wait in the rep's working hours: what came at night is not late until the morning. #}
with

answered_contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        business_response_minutes as numerator,
        1 as denominator

    from {{ ref('fct_responses') }}

    where is_responded and business_response_minutes is not null

)

{{ kpi_from('answered_contacts', kind='ratio') }}
