{{ config(materialized='table') }}

{# What is known of a person on the as-of date. The earliest lead tells who the person is. A person has qualified or
   become a deal when the first of the person's leads has, and is given up when the last of them is. #}
with

leads as {{ not_kept() }} (

    select * from {{ ref('stg_leads') }}
    where {{ reporting_date('created_at') }} <= {{ as_of() }}

),

milestones as (

    select
        person_id,
        count(*) as lead_count,
        min(
            case when {{ reporting_date('qualified_at') }} <= {{ as_of() }} then qualified_at end
        ) as qualified_at,
        count(
            case when {{ reporting_date('disqualified_at') }} <= {{ as_of() }} then 1 end
        ) as disqualified_count,
        max(
            case when {{ reporting_date('disqualified_at') }} <= {{ as_of() }} then disqualified_at end
        ) as last_disqualified_at,
        min(
            case when {{ reporting_date('converted_at') }} <= {{ as_of() }} then converted_at end
        ) as converted_at

    from leads

    group by 1

),

{# A duplicate that is closed closes nobody, and who comes back is a lead again. #}
given_up as (

    select
        milestones.person_id,
        milestones.last_disqualified_at as disqualified_at,
        max(leads.disqualified_reason) as disqualified_reason

    from milestones
    inner join leads
        on milestones.person_id = leads.person_id
        and milestones.last_disqualified_at = leads.disqualified_at

    where milestones.disqualified_count = milestones.lead_count

    group by 1, 2

)

select

    ---------- ids
    leads.lead_id,
    leads.rep_id,

    ---------- text
    leads.company_name,
    leads.source,
    leads.channel,
    leads.campaign,
    given_up.disqualified_reason,
    leads.currency,
    leads.country,
    leads.region,
    {{ segment_of('leads.employee_count') }} as segment,
    leads.industry,

    ---------- numerics
    leads.lead_score,
    leads.estimated_value,
    cast(milestones.lead_count as integer) as lead_count,

    ---------- timestamps
    leads.created_at,
    {{ qualified_at('leads', 'milestones') }} as qualified_at,
    given_up.disqualified_at,
    milestones.converted_at

from leads
inner join milestones on leads.lead_id = milestones.person_id
left join given_up on leads.lead_id = given_up.person_id
