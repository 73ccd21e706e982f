with

touches as (

    select * from {{ ref('fct_activities') }}
    where is_touch

),

pursued as (

    select * from {{ ref('int_leads_pursued') }}

),

{# Whether a touch was one of the pursuit: after the qualification, and not after the day of the outcome,
   because close dates often have no time. #}
dated as (

    select
        touches.*,
        coalesce(
            pursued.qualified_at <= touches.occurred_at
            and touches.occurred_date <= coalesce(pursued.outcome_date, touches.occurred_date),
            false
        ) as is_counted

    from touches
    left join pursued on touches.lead_id = pursued.lead_id

),

numbered as (

    select
        *,
        case
            when is_counted
                then row_number() over (partition by lead_id, is_counted order by occurred_at, activity_id)
        end as touch_number

    from dated

)

select

    ---------- ids
    activity_id,
    lead_id,
    deal_id,
    rep_id,

    ---------- text
    rep,
    team,
    channel,
    campaign,
    segment,
    region,
    activity_type as touch_type,
    outcome,

    ---------- numerics
    cast(touch_number as integer) as touch_number,

    ---------- booleans
    is_counted,
    coalesce(touch_number > 1, false) as is_follow_up,
    is_automated,
    not is_automated as is_human,
    is_two_way,

    ---------- dates
    occurred_date as touched_date,

    ---------- timestamps
    occurred_at as touched_at

from numbered
