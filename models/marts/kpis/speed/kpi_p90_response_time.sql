{# The wait that nine in ten of the qualified leads who contacted us did not exceed. #}
with

contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        response_minutes as numerator

    from {{ ref('fct_responses') }}

    where not is_pending

)

{{ kpi_from('contacts', kind='p90') }}
