{# Touches of qualified leads that were not the first. #}
with

follow_ups as (

    select
        activity_id as record_id,
        touched_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_touches') }}

    where is_follow_up

)

{{ kpi_from('follow_ups', kind='count') }}
