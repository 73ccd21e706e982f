{# Meetings asked for in the period that were accepted, and all that were asked for. A meeting that moves is
   one meeting. #}
with

meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        case when is_accepted then 1 end as scheduled_numerator,
        1 as requested_numerator,
        case when is_held then 1 end as held_numerator

    from {{ ref('fct_meetings') }}

)

{{ kpi_from('meetings', kind='count', kpis={
    'meetings_scheduled': 'scheduled',
    'meetings_requested': 'requested',
    'meetings_held': 'held',
}) }}
