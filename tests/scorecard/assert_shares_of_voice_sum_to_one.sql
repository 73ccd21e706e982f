{# I16: a wave's brands share its voice among them, ours is the share that the KPI publishes, and no wave is
   in two periods or in none. #}
{% set grain = var('kpi_periods')[0] %}
with

waves as (

    select
        {{ period_start(grain, 'wave_date') }} as period_start,
        wave_date,
        sum(share_of_voice) as weighted_shares,
        sum(share_of_voice_unweighted) as unweighted_shares,
        sum(case when is_us then weighted_mentions else 0 end) as own_mentions,
        sum(weighted_mentions) as all_mentions

    from {{ ref('voice_by_brand') }}

    group by 1, 2

),

periods as (

    select
        period_start,
        max(abs(weighted_shares - 1)) as weighted_gap,
        max(abs(unweighted_shares - 1)) as unweighted_gap,
        sum(own_mentions) as own_mentions,
        sum(all_mentions) as all_mentions

    from waves

    group by 1

),

published as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'share_of_voice' and slice = 'all' and period_grain = '{{ grain }}' and n > 0

)

select
    coalesce(periods.period_start, published.period_start) as period_start,
    periods.weighted_gap,
    periods.unweighted_gap,
    periods.own_mentions,
    published.numerator

from periods
full outer join published on periods.period_start = published.period_start

where
    periods.period_start is null
    or published.period_start is null
    or periods.weighted_gap > 0.00001
    or periods.unweighted_gap > 0.00001
    or periods.own_mentions != published.numerator
    or periods.all_mentions != published.denominator
