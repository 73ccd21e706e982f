{# I15: the customers who came are one number, whatever they are set against: those who were there, the
   leads that qualified, the days, or those who were required. #}
with

kpis as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        coalesce(max(case when kpi = 'new_subscribers' then value end), 0) as new_subscribers,
        max(case when kpi = 'customer_acquisition_rate' then numerator end) as new_over_opening,
        max(case when kpi = 'customer_acquisition_rate' then denominator end) as opening_customers,
        max(case when kpi = 'customer_retention_rate' then denominator end) as retention_customers,
        max(case when kpi = 'new_customers_per_qualified_lead' then numerator end) as new_over_leads,
        max(case when kpi = 'new_customers_per_qualified_lead' then denominator end) as leads,
        max(case when kpi = 'qualified_leads' then value end) as qualified_leads,
        max(case when kpi = 'new_customers_per_day' then numerator end) as new_over_days,
        max(case when kpi = 'acquisition_adequacy' then numerator end) as new_over_required

    from {{ ref('kpi_values') }}

    group by 1, 2, 3, 4

),

first_customer as (

    select min(period_start) as first_month
    from kpis
    where period_grain = 'month' and slice = 'all' and new_subscribers > 0

)

select kpis.*

from kpis
cross join first_customer

where
    kpis.new_subscribers != coalesce(kpis.new_over_opening, kpis.new_subscribers)
    or kpis.new_subscribers != coalesce(kpis.new_over_leads, kpis.new_subscribers)
    or kpis.new_subscribers != coalesce(kpis.new_over_days, kpis.new_subscribers)
    {# Lifetimes are counted in months: a month's customers stand in the week in which it ends. #}
    or (
        kpis.period_grain != 'week'
        and kpis.new_subscribers != coalesce(kpis.new_over_required, kpis.new_subscribers)
    )
    or kpis.opening_customers != coalesce(kpis.retention_customers, 0)
    or (kpis.new_subscribers > 0 and kpis.new_over_opening is null)
    or (kpis.new_subscribers > 0 and kpis.new_over_leads is null)
    or (
        kpis.slice = 'all'
        and kpis.period_start >= first_customer.first_month
        and kpis.leads != kpis.qualified_leads
    )
