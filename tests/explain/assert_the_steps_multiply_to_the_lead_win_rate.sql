{# I05: each step of the diagnosis begins where the step before it in the chain ended, the first is the published
   qualified share, and the others multiply to the published lead win rate, for every period and member. #}
with

steps as (

    select
        *,
        lag(passed) over (
            partition by period_grain, period_start, slice, slice_value
            order by step_order
        ) as passed_before

    from {{ ref('conversion_diagnosis') }}

    where is_in_chain and step_order > 1

),

multiplied as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        sum(case when passed_before is not null and passed_before != entered then 1 else 0 end) as breaks,
        max(case when passed_before is null then entered end) as qualified,
        max(case when step = 'won' then passed end) as customers,
        coalesce(max(case when step = 'responded' then rate end), 1)
        * coalesce(max(case when step = 'meeting accepted' then rate end), 1)
        * coalesce(max(case when step = 'deal' then rate end), 0)
        * coalesce(max(case when step = 'won' then rate end), 0) as product

    from steps

    group by 1, 2, 3, 4

),

shares as (

    select * from {{ ref('conversion_diagnosis') }}
    where step = 'qualified'

),

published as (

    select * from {{ ref('kpi_values') }}
    where kpi in ('lead_win_rate', 'qualified_lead_share') and n > 0

)

select
    published.kpi,
    published.period_grain,
    published.period_start,
    published.slice,
    published.slice_value,
    published.value

from published
left join multiplied
    on published.period_grain = multiplied.period_grain
    and published.period_start = multiplied.period_start
    and published.slice = multiplied.slice
    and published.slice_value = multiplied.slice_value
left join shares
    on published.period_grain = shares.period_grain
    and published.period_start = shares.period_start
    and published.slice = shares.slice
    and published.slice_value = shares.slice_value

where
    (
        published.kpi = 'lead_win_rate'
        and (
            multiplied.period_start is null
            or multiplied.breaks > 0
            or multiplied.qualified != published.denominator
            or multiplied.customers != published.numerator
            or abs(multiplied.product - published.value) > 0.00001
        )
    )
    or (
        published.kpi = 'qualified_lead_share'
        and (
            shares.period_start is null
            or shares.entered != published.denominator
            or shares.passed != published.numerator
        )
    )
