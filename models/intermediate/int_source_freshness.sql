{# How old each source is at the end of the as-of date. A source that says when it was loaded is as old as its last
   load. Of the others only the newest row tells, and it may be quiet by nature: it is judged by the pauses that the
   source usually makes. #}
with

sources as (

    select * from {{ ref('int_source_rows') }}

),

days as (

    select * from {{ ref('int_source_days') }}

),

pauses as (

    select
        entity,
        {{ days_between('lag(event_date) over (partition by entity order by event_date)', 'event_date') }}
            as pause_days,
        row_number() over (partition by entity order by event_date desc) as recency

    from days

),

usual as (

    select
        entity,
        count(pause_days) as pauses,
        max(pause_days) as longest_pause_days
    from pauses
    where recency <= 20
    group by 1

),

newest as (

    select
        entity,
        max(last_event_at) as last_event_at
    from days
    group by 1

),

dated as (

    select
        sources.entity,
        sources.last_loaded_at is not null as is_load,
        {# A load after the as-of date knows all that there is to know by then. #}
        case
            when sources.last_loaded_at > {{ as_of_end() }} then {{ as_of_end() }}
            else coalesce(sources.last_loaded_at, newest.last_event_at)
        end as last_at,
        usual.pauses,
        usual.longest_pause_days

    from sources
    left join newest on sources.entity = newest.entity
    left join usual on sources.entity = usual.entity

)

select
    entity,
    is_load,
    {{ ratio(seconds_between('last_at', as_of_end()), 3600) }} as age_hours,
    {# With fewer pauses nobody knows what is usual. #}
    {{ amount('case when not is_load and pauses >= 5 then longest_pause_days * 24 end') }} as usual_hours

from dated

where last_at is not null
