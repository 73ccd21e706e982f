{# Meetings asked for in the period, whatever the answer. A meeting that moves is one meeting. #}
with

meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_meetings') }}

)

{{ kpi_from('meetings', kind='count') }}
