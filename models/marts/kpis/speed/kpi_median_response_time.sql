{# The wait that half of the qualified leads who contacted us did not exceed. Who was never answered waited
   longer than anybody. #}
with

contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        response_minutes as wall_numerator,
        business_response_minutes as business_numerator

    from {{ ref('fct_responses') }}

    where not is_pending

)

{{ kpi_from('contacts', kind='median', kpis={
    'median_response_time': 'wall',
    'business_response_time_median': 'business',
}) }}
