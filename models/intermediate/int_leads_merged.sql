{{ config(materialized='table') }}

{# What is known of a person on the as-of date. The earliest lead tells who the person is; the milestones
   are the first of all the person's leads. #}
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
        min(
            case when {{ reporting_date('disqualified_at') }} <= {{ as_of() }} then disqualified_at end
        ) as disqualified_at,
        min(
            case when {{ reporting_date('converted_at') }} <= {{ as_of() }} then converted_at end
        ) as converted_at

    from leads

    group by 1

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
    leads.disqualified_reason,
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
    milestones.disqualified_at,
    milestones.converted_at

from leads
inner join milestones on leads.lead_id = milestones.person_id
