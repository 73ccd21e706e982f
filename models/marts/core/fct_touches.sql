with

touches as {{ not_kept() }} (

    select * from {{ ref('fct_activities') }}
    where is_touch

),

pursued as (

    select * from {{ ref('int_leads_pursued') }}

),

{# What was part of the pursuit: after the qualification, and not after the day of the outcome, because close dates
   often have no time. Keys alone, which are sorted; the rest of a touch comes back to them below. #}
counted as (

    select
        touches.activity_id,
        row_number() over (
            partition by touches.lead_id
            order by touches.occurred_at, touches.activity_id
        ) as touch_number

    from touches
    inner join pursued on touches.lead_id = pursued.lead_id

    where
        coalesce(
            pursued.qualified_at <= touches.occurred_at
            and touches.occurred_date <= coalesce(pursued.outcome_date, touches.occurred_date),
            false
        )

)

select

    ---------- ids
    touches.activity_id,
    touches.lead_id,
    touches.deal_id,
    touches.rep_id,

    ---------- text
    touches.rep,
    touches.team,
    touches.channel,
    touches.campaign,
    touches.segment,
    touches.region,
    touches.activity_type as touch_type,
    touches.outcome,

    ---------- numerics
    cast(counted.touch_number as integer) as touch_number,

    ---------- booleans
    counted.activity_id is not null as is_counted,
    coalesce(counted.touch_number > 1, false) as is_follow_up,
    touches.is_automated,
    not touches.is_automated as is_human,
    touches.is_two_way,

    ---------- dates
    touches.occurred_date as touched_date,

    ---------- timestamps
    touches.occurred_at as touched_at

from touches
left join counted on touches.activity_id = counted.activity_id
