with

leads as (

    select * from {{ ref('fct_leads') }}

),

pursued as (

    select * from {{ ref('int_leads_pursued') }}

),

touches as (

    select
        lead_id,
        count(*) as touch_count,
        sum(case when is_automated then 1 else 0 end) as automated_touch_count,
        sum(case when is_human then 1 else 0 end) as human_touch_count,
        min(touched_date) as first_touched_date

    from {{ ref('fct_touches') }}

    where is_counted

    group by 1

),

{# Before the first month of known activities nobody knows who was touched: that is not 0 touches of anybody. #}
first_activity as (

    select {{ period_start('month', reporting_date('min(occurred_at)')) }} as first_month
    from {{ ref('stg_activities') }}
    where {{ reporting_date('occurred_at') }} <= {{ as_of() }}

),

{# A lead that nobody touched was touched 0 times: it must not drop out. #}
counted as (

    select
        leads.lead_id,
        leads.rep_id,
        leads.rep,
        leads.team,
        leads.channel,
        leads.campaign,
        leads.segment,
        leads.region,
        pursued.outcome,
        coalesce(touches.touch_count, 0) as touch_count,
        coalesce(touches.automated_touch_count, 0) as automated_touch_count,
        coalesce(touches.human_touch_count, 0) as human_touch_count,
        {# Both days count, so that a lead decided on the day it qualified was open for one. #}
        case
            when pursued.outcome_date < pursued.qualified_date then 1
            else {{ days_between(
                'pursued.qualified_date', 'coalesce(pursued.outcome_date, ' ~ as_of() ~ ')'
            ) }} + 1
        end as days_open,
        leads.became_customer,
        leads.journey_stage in ('lost', 'disqualified') as is_lost,
        pursued.qualified_date,
        pursued.outcome_date,
        touches.first_touched_date

    from leads
    inner join pursued on leads.lead_id = pursued.lead_id
    inner join first_activity on pursued.qualified_date >= first_activity.first_month
    left join touches on leads.lead_id = touches.lead_id

)

select

    ---------- ids
    lead_id,
    rep_id,

    ---------- text
    rep,
    team,
    channel,
    campaign,
    segment,
    region,
    outcome,

    ---------- numerics
    cast(touch_count as integer) as touch_count,
    cast(automated_touch_count as integer) as automated_touch_count,
    cast(human_touch_count as integer) as human_touch_count,
    {{ ratio('days_open', 7) }} as weeks_open,

    ---------- booleans
    touch_count > 0 as is_touched,
    touch_count > 1 as is_followed_up,
    touch_count > {{ var('touch_limit') }} as is_over_touched,
    outcome in ('won', 'meeting accepted') as has_wanted_outcome,
    became_customer,
    is_lost,

    ---------- dates
    qualified_date,
    outcome_date,
    first_touched_date

from counted
