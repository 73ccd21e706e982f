{# A044, I07: the yields of the steps multiply to the yield of the whole, every step costs the spend that
   cac has, and its count is the one that is published. A step that counts other records than the next shows
   here. #}
with

cells as (

    select * from {{ ref('kpi_values') }}
    where slice in ('all', 'channel', 'campaign')

),

funnel as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        max(case when kpi = 'leads_created' then value end) as leads,
        max(case when kpi = 'qualified_leads' then value end) as qualified,
        max(case when kpi = 'deals_created' then value end) as deals,
        max(case when kpi = 'won_deals' then value end) as wins,
        max(case when kpi = 'website_visits' then value end) as visits,
        max(case when kpi = 'leads_per_visit' then value end) as leads_per_visit,
        max(case when kpi = 'wins_per_visit' then value end) as wins_per_visit,
        max(case when kpi = 'leads_per_visit' then numerator end) as leads_of_visits,
        max(case when kpi = 'wins_per_visit' then numerator end) as wins_of_visits,
        max(case when kpi = 'leads_per_visit' then denominator end) as visits_of_leads,
        max(case when kpi = 'qualified_per_lead' then numerator end) as qualified_of_leads,
        max(case when kpi = 'qualified_per_lead' then denominator end) as leads_of_qualified,
        max(case when kpi = 'deals_per_qualified_lead' then numerator end) as deals_of_qualified,
        max(case when kpi = 'deals_per_qualified_lead' then denominator end) as qualified_of_deals,
        max(case when kpi = 'wins_per_deal' then numerator end) as wins_of_deals,
        max(case when kpi = 'wins_per_deal' then denominator end) as deals_of_wins,
        max(case when kpi = 'cost_per_lead' then numerator end) as spend_on_leads,
        max(case when kpi = 'cost_per_qualified_lead' then numerator end) as spend_on_qualified,
        max(case when kpi = 'cost_per_deal' then numerator end) as spend_on_deals,
        max(case when kpi = 'cac' then numerator end) as spend_on_wins

    from cells

    group by 1, 2, 3, 4

)

select *

from funnel

where
    visits_of_leads != coalesce(visits, 0)
    or leads_of_qualified != coalesce(leads, 0)
    or qualified_of_leads != coalesce(qualified, 0)
    or qualified_of_deals != coalesce(qualified, 0)
    or deals_of_qualified != coalesce(deals, 0)
    or deals_of_wins != coalesce(deals, 0)
    or wins_of_deals != coalesce(wins, 0)
    or leads_of_visits > leads
    or wins_of_visits > wins
    or coalesce(spend_on_leads, 0) != coalesce(spend_on_wins, 0)
    or coalesce(spend_on_qualified, 0) != coalesce(spend_on_wins, 0)
    or coalesce(spend_on_deals, 0) != coalesce(spend_on_wins, 0)
    or (
        leads_of_visits = leads
        and wins_of_visits = wins
        and abs(
            wins_per_visit
            - leads_per_visit
            * {{ ratio('qualified_of_leads', 'leads_of_qualified') }}
            * {{ ratio('deals_of_qualified', 'qualified_of_deals') }}
            * {{ ratio('wins_of_deals', 'deals_of_wins') }}
        ) > 0.00001 * (1 + wins_per_visit)
    )
