{# Meetings asked for in the period that were accepted. A meeting that moves is one meeting; where no meeting
   has an answer, nobody knows. #}
with

meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        case when is_accepted then 1 end as numerator

    from {{ ref('fct_meetings') }}

    where is_decided is not null

)

{{ kpi_from('meetings', kind='count') }}
