{# I06 and I07: CAC spreads all the lead-generation spend of the period over its won deals, none lost in a
   join; and it is the cost of a qualified lead over the won deals per qualified lead. By the first kind of period of
   var kpi_periods. #}
{% set grain = var('kpi_periods') | first %}
with

spend as (

    select
        {{ period_start(grain, 'spend_date') }} as period_start,
        sum(lead_generation_amount) as amount

    from {{ ref('fct_spend') }}

    group by 1

),

periods as (

    select * from {{ ref('kpi_values') }}
    where period_grain = '{{ grain }}' and slice = 'all'

),

cac as (

    select * from periods
    where kpi = 'cac'

),

qualified as (

    select * from periods
    where kpi = 'qualified_leads'

),

compared as (

    select
        coalesce(cac.period_start, spend.period_start) as period_start,
        coalesce(spend.amount, 0) as spend,
        coalesce(cac.numerator, 0) as cac_numerator,
        cac.value as cac,
        cac.denominator as won_deals,
        {{ ratio(ratio('cac.numerator', 'qualified.value'), ratio('cac.denominator', 'qualified.value')) }}
            as cost_per_qualified_lead_over_yield

    from cac
    full outer join spend on cac.period_start = spend.period_start
    left join qualified on cac.period_start = qualified.period_start

)

select *

from compared

where
    spend != cac_numerator
    or abs(cac * won_deals - spend) > 0.000001 * won_deals
    or abs(cac - cost_per_qualified_lead_over_yield) > 0.001 * abs(cac)
