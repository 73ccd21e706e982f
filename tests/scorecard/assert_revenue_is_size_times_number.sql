{# I01: won revenue is the won deals of known amount times their average size, and the won accounts times theirs. #}
with

revenue as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'won_revenue'

),

sizes as (

    select * from {{ ref('kpi_values') }}
    where kpi in ('average_deal_size', 'average_deal_size_per_account')

)

select
    revenue.period_grain,
    revenue.period_start,
    revenue.slice,
    revenue.slice_value,
    revenue.value as won_revenue,
    sizes.kpi,
    sizes.value as size,
    sizes.denominator as number

from revenue
left join sizes
    on revenue.period_grain = sizes.period_grain
    and revenue.period_start = sizes.period_start
    and revenue.slice = sizes.slice
    and revenue.slice_value = sizes.slice_value

where
    abs(revenue.value - coalesce(sizes.value * sizes.denominator, 0))
    > 0.000001 * (1 + coalesce(sizes.denominator, 0))
