{# Meetings asked for in the period that took place; where no meeting was held or missed, nobody knows. #}
with

meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        case when is_held then 1 end as numerator

    from {{ ref('fct_meetings') }}

    where is_held is not null

)

{{ kpi_from('meetings', kind='count') }}
