{# The median wait of those who were answered, as tools that forget the others show it. #}
with

answered_contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        response_minutes as numerator

    from {{ ref('fct_responses') }}

    where is_responded

)

{{ kpi_from('answered_contacts', kind='median') }}
