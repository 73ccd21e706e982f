{# I22: what is counted or added by the month is the quarter's and the year's, on both sides of a quotient.
   Stocks and balances are not added over time. #}
{% set longer_grains = var('kpi_periods') | select('in', ['quarter', 'year']) | list %}
with

additive as (

    select * from {{ ref('kpi_values') }}
    where kind in ('count', 'sum', 'rate', 'ratio')

),

months as (

    select * from additive
    where period_grain = 'month'

),

rolled_up as (
    {%- for grain in longer_grains %}

    select
        kpi,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'period_start') }} as period_start,
        slice,
        slice_value,
        sum(numerator) as numerator,
        sum(denominator) as denominator

    from months

    group by 1, 2, 3, 4, 5

    union all
    {%- endfor %}

    select
        kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        numerator,
        denominator
    from months
    where 1 = 0

)

select
    additive.kpi,
    additive.period_grain,
    additive.period_start,
    additive.slice,
    additive.slice_value,
    additive.numerator,
    rolled_up.numerator as numerator_of_the_months

from additive
left join rolled_up
    on additive.kpi = rolled_up.kpi
    and additive.period_grain = rolled_up.period_grain
    and additive.period_start = rolled_up.period_start
    and additive.slice = rolled_up.slice
    and additive.slice_value = rolled_up.slice_value

where
    additive.period_grain in ('quarter', 'year')
    and {{ 'month' in var('kpi_periods') }}
    and (
        rolled_up.kpi is null
        or additive.numerator != rolled_up.numerator
        or coalesce(additive.denominator, 0) != coalesce(rolled_up.denominator, 0)
    )
