{# I23: velocity times cycle is the open deals times the win rate times the deal size, each as published; a
   velocity that counts deals, wins or days in its own way shows here. #}
with

open_deals as (

    select
        snapshot_date,
        count(*) as open_deals
    from {{ ref('fct_deal_snapshots') }}
    group by 1

),

parts as (

    select
        period_grain,
        period_start,
        max(case when kpi = 'deal_win_rate' then value end) as win_rate,
        max(case when kpi = 'average_deal_size' then value end) as deal_size,
        max(case when kpi = 'cycle_length' then value end) as cycle_days,
        {# A period that is not over has the pipeline of the as-of date. #}
        max(
            case
                when period_end > as_of_date then as_of_date
                else cast({{ dbt.dateadd('day', -1, 'period_end') }} as date)
            end
        ) as last_date

    from {{ ref('kpi_values') }}

    where slice = 'all' and kpi in ('deal_win_rate', 'average_deal_size', 'cycle_length')

    group by 1, 2

),

velocity as (

    select * from {{ ref('kpi_values') }}
    where slice = 'all' and kpi = 'sales_velocity'

),

compared as (

    select
        parts.period_grain,
        parts.period_start,
        velocity.value as velocity,
        parts.cycle_days,
        coalesce(open_deals.open_deals, 0) * parts.win_rate * parts.deal_size as pipeline_yield

    from parts
    left join velocity
        on parts.period_grain = velocity.period_grain
        and parts.period_start = velocity.period_start
    left join open_deals on parts.last_date = open_deals.snapshot_date

)

select *

from compared

where
    (velocity is null) != (pipeline_yield is null or coalesce(cycle_days, 0) = 0)
    or abs(velocity * cycle_days - pipeline_yield) > 0.000001 * (1 + pipeline_yield)
