{# I21 and I06: whatever a KPI is cut by, the parts are the whole, the unknown part included. A slice that
   loses the rows without a rep, or spend without a channel, shows here. Distinct counts, percentiles and
   derived KPIs do not add up by nature. #}
with

additive as (

    select * from {{ ref('kpi_values') }}
    where kind in ('count', 'sum', 'rate', 'period_rate', 'ratio', 'period_ratio', 'stock', 'balance')

),

wholes as (

    select * from additive
    where slice = 'all'

),

slices as (

    select distinct
        kpi,
        slice
    from additive
    where slice != 'all'

),

parts as (

    select
        kpi,
        period_grain,
        period_start,
        slice,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(n) as n

    from additive

    where slice != 'all'

    group by 1, 2, 3, 4

)

select
    wholes.kpi,
    wholes.period_grain,
    wholes.period_start,
    slices.slice,
    wholes.numerator,
    parts.numerator as numerator_of_the_parts,
    wholes.denominator,
    parts.denominator as denominator_of_the_parts

from wholes
inner join slices on wholes.kpi = slices.kpi
left join parts
    on wholes.kpi = parts.kpi
    and wholes.period_grain = parts.period_grain
    and wholes.period_start = parts.period_start
    and slices.slice = parts.slice

where
    wholes.numerator != coalesce(parts.numerator, 0)
    or coalesce(wholes.denominator, 0) != coalesce(parts.denominator, 0)
    or wholes.n != coalesce(parts.n, 0)
