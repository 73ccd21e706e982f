{# Visits of the web site in the period: where the funnel begins. #}
{% set slices = slices_of('channel', 'campaign') %}
with

visits as (

    select
        cast(web_visit_id as {{ dbt.type_string() }}) as record_id,
        visit_date as period_date,
        {{ slice_columns(slices) }}
        visits as numerator

    from {{ ref('fct_web_visits') }}

)

{{ kpi_from('visits', kind='sum', slices=slices) }}
