{# I05: of one cohort, the share that got a deal times the share of those that became customers is the lead win
   rate. A step that counts other people than the one before it, or a win without a deal, shows here. #}
{% set grain = var('kpi_periods')[0] %}
with

cohorts as (

    select
        {{ period_start(grain, 'qualified_date') }} as period_start,
        count(*) as qualified,
        sum(case when deal_count > 0 then 1 else 0 end) as with_deal,
        sum(case when deal_count > 0 and became_customer then 1 else 0 end) as customers

    from {{ ref('fct_leads') }}

    where is_qualified

    group by 1

),

published as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'lead_win_rate' and slice = 'all' and period_grain = '{{ grain }}' and n > 0

)

select
    coalesce(cohorts.period_start, published.period_start) as period_start,
    cohorts.qualified,
    cohorts.with_deal,
    cohorts.customers,
    published.value as lead_win_rate

from cohorts
full outer join published on cohorts.period_start = published.period_start

where
    cohorts.period_start is null
    or published.period_start is null
    or cohorts.qualified != published.denominator
    or abs(
        published.value
        - coalesce(
            {{ ratio('cohorts.with_deal', 'cohorts.qualified') }}
            * {{ ratio('cohorts.customers', 'cohorts.with_deal') }},
            0
        )
    ) > 0.00001
