{# I19: what the leads' touches add up to is what the touches say, lead by lead, automatic
   and human. A join that loses a lead, touched or not, or doubles a touch would show here. Leads that qualified before
   the first month of known activities are left out. #}
with

first_activity as (

    select {{ period_start('month', 'min(occurred_date)') }} as first_month
    from {{ ref('fct_activities') }}

),

qualified_leads as (

    select fct_leads.lead_id
    from {{ ref('fct_leads') }} as fct_leads
    inner join first_activity on fct_leads.qualified_date >= first_activity.first_month

),

touches as (

    select
        fct_touches.lead_id,
        count(*) as touch_count,
        sum(case when fct_touches.is_automated then 1 else 0 end) as automated_touch_count

    from {{ ref('fct_touches') }} as fct_touches
    inner join qualified_leads on fct_touches.lead_id = qualified_leads.lead_id

    where fct_touches.is_counted

    group by 1

),

leads as (

    select
        lead_id,
        touch_count,
        automated_touch_count,
        human_touch_count
    from {{ ref('fct_lead_outreach') }}

),

everyone as (

    select lead_id from qualified_leads
    union distinct
    select lead_id from touches
    union distinct
    select lead_id from leads

)

select
    everyone.lead_id,
    leads.touch_count,
    touches.touch_count as found

from everyone
left join leads on everyone.lead_id = leads.lead_id
left join touches on everyone.lead_id = touches.lead_id

where
    leads.lead_id is null
    or leads.touch_count != coalesce(touches.touch_count, 0)
    or leads.automated_touch_count != coalesce(touches.automated_touch_count, 0)
    or leads.touch_count != leads.automated_touch_count + leads.human_touch_count
