{# I02: of the deals created in a period, those won, lost, invalid and open by now are all that deals_created
   counts. A deal that is two of them, or none, or in another period, shows here. #}
{% set grain = var('kpi_periods')[0] %}
with

outcomes as (

    select
        {{ period_start(grain, 'created_date') }} as period_start,
        sum(case when is_won then 1 else 0 end)
        + sum(case when is_lost then 1 else 0 end)
        + sum(case when is_invalid then 1 else 0 end)
        + sum(case when is_open then 1 else 0 end) as deals

    from {{ ref('fct_deals') }}

    where created_date <= {{ as_of() }}

    group by 1

),

published as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'deals_created' and slice = 'all' and period_grain = '{{ grain }}'

)

select
    coalesce(outcomes.period_start, published.period_start) as period_start,
    outcomes.deals as deals_of_the_outcomes,
    published.value as deals_created

from outcomes
full outer join published on outcomes.period_start = published.period_start

where coalesce(outcomes.deals, 0) != coalesce(published.value, 0)
