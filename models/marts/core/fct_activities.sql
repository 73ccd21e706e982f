with

activities as (

    select * from {{ ref('stg_activities') }}
    where {{ reporting_date('occurred_at') }} <= {{ as_of() }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

deals as (

    select * from {{ ref('fct_deals') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

)

select

    ---------- ids
    activities.activity_id,
    leads.lead_id,
    deals.deal_id,
    reps.rep_id,

    ---------- text
    reps.rep,
    reps.team,
    coalesce(leads.channel, deals.channel) as channel,
    coalesce(leads.campaign, deals.campaign) as campaign,
    coalesce(leads.segment, deals.segment) as segment,
    coalesce(leads.region, deals.region) as region,
    activities.activity_type,
    activities.direction,
    activities.outcome,

    ---------- numerics
    {# Only a call is talk; a length below zero is a slip of the clock. #}
    cast(
        case
            when activities.activity_type = 'call' and activities.duration_seconds >= 0
                then {{ ratio('activities.duration_seconds', 60) }}
        end as {{ amount_type() }}
    ) as talk_minutes,

    ---------- booleans
    activities.is_automated,
    activities.is_undelivered,
    activities.is_two_way,
    activities.is_inbound_contact,
    activities.is_touch,

    ---------- dates
    {{ reporting_date('activities.occurred_at') }} as occurred_date,

    ---------- timestamps
    activities.occurred_at

from activities
left join leads on activities.person_id = leads.lead_id
left join deals on activities.deal_id = deals.deal_id
left join reps on activities.rep_id = reps.rep_id
