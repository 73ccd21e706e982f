{# I03: on the same valid deals, the ratio is r / (1 - r), and null exactly where nothing was lost. #}
with

rates as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'deal_win_rate'

),

ratios as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'win_loss_ratio'

)

select
    rates.period_grain,
    rates.period_start,
    rates.slice,
    rates.slice_value,
    rates.value as win_rate,
    ratios.value as win_loss_ratio

from rates
left join ratios
    on rates.period_grain = ratios.period_grain
    and rates.period_start = ratios.period_start
    and rates.slice = ratios.slice
    and rates.slice_value = ratios.slice_value

where
    coalesce(rates.numerator, 0) != coalesce(ratios.numerator, 0)
    or (ratios.value is null) != (rates.numerator = rates.denominator)
    or abs(rates.value - ratios.value * (1 - rates.value)) > 0.00001 * (1 + ratios.value)
