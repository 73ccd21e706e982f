{# Where and by which calendar a rep works. A time zone that the engine does not know would stop the run: such
   a rep works by the reporting one. #}
with

reps as (

    select * from {{ ref('stg_reps') }}

),

time_zones as (

    {{ known_time_zones() }}

),

known as (

    select
        lower(time_zone) as zone_key,
        min(time_zone) as time_zone

    from time_zones

    group by 1

)

select
    reps.rep_id,
    coalesce(known.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
    coalesce(reps.team, 'all') as calendar

from reps
left join known on lower(reps.time_zone) = known.zone_key
