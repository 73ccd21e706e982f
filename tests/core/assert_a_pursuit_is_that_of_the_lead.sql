{# The pursuit of a lead works out its qualification to the second, and its outcome, from the records;
   fct_leads does it by the day. The two must never tell different stories. #}
with

pursued as (

    select * from {{ ref('int_leads_pursued') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

)

select
    coalesce(leads.lead_id, pursued.lead_id) as lead_id,
    leads.qualified_date as lead_qualified_date,
    pursued.qualified_date as pursued_qualified_date,
    leads.journey_stage,
    pursued.outcome

from leads
full outer join pursued on leads.lead_id = pursued.lead_id

where
    (coalesce(leads.is_qualified, false) and pursued.lead_id is null)
    or (pursued.lead_id is not null and not coalesce(leads.is_qualified, false))
    or leads.qualified_date != pursued.qualified_date
    or (pursued.outcome = 'won' and leads.journey_stage != 'customer')
    or (pursued.outcome = 'won' and coalesce(leads.customer_date != pursued.outcome_date, false))
    or (pursued.outcome in ('lost', 'disqualified') and leads.journey_stage != pursued.outcome)
    or (pursued.outcome in ('lost', 'disqualified') and coalesce(leads.is_open, false))
    or (pursued.outcome = 'open' and not leads.is_open)
