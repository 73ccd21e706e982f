with

reps as (

    select * from {{ ref('stg_reps') }}

),

{# Whoever owns or did something is a rep, whether the list of reps knows them or not. #}
seen as (

    select rep_id from reps
    union distinct
    select rep_id from {{ ref('stg_leads') }}
    union distinct
    select rep_id from {{ ref('stg_deals') }}
    union distinct
    select rep_id from {{ ref('stg_deal_changes') }}
    union distinct
    select rep_id from {{ ref('stg_activities') }}
    union distinct
    select rep_id from {{ ref('stg_meetings') }}
    union distinct
    select rep_id from {{ ref('stg_content_views') }}

),

named as (

    select
        seen.rep_id,
        coalesce(reps.rep_name, seen.rep_id) as rep_name,
        reps.team,
        reps.manager_id,
        coalesce(reps.time_zone, '{{ var("reporting_time_zone") }}') as time_zone,
        reps.active_from,
        reps.active_to,
        reps.rep_id is null as is_inferred

    from seen
    left join reps on seen.rep_id = reps.rep_id

    where seen.rep_id is not null

),

counted as (

    select
        *,
        count(*) over (partition by rep_name) as reps_of_that_name

    from named

)

select
    rep_id,
    {# Two reps of one name must not become one slice. #}
    case
        when reps_of_that_name > 1 then {{ dbt.concat(['rep_name', "' ('", 'rep_id', "')'"]) }}
        else rep_name
    end as rep,
    rep_name,
    team,
    manager_id,
    time_zone,
    active_from,
    active_to,
    is_inferred

from counted
