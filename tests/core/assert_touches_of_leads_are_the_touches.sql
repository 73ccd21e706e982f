{# I19: what the leads' touches add up to is what the touches say, lead by lead, automatic
   and human. A join that loses a lead, touched or not, or doubles a touch would show here. #}
with

touches as (

    select
        lead_id,
        count(*) as touch_count,
        sum(case when is_automated then 1 else 0 end) as automated_touch_count

    from {{ ref('fct_touches') }}

    where is_counted

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

qualified_leads as (

    select lead_id from {{ ref('fct_leads') }}
    where is_qualified and (select count(*) from {{ ref('stg_activities') }}) > 0

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
