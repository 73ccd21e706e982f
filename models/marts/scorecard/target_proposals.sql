{# What history would suggest as a target, for those who have to set one: the middle of the last twelve periods, and
   the limits within which the process moves by itself. Proposals only: nothing is judged by them. #}
with

signals as (

    select * from {{ ref('kpi_signals') }}

),

cards as (

    select * from {{ ref('kpis') }}
    where on_scorecard

),

recent as (

    select
        signals.*,
        row_number() over (
            partition by signals.kpi, signals.period_grain, signals.slice, signals.slice_value
            order by signals.period_start desc
        ) as periods_ago

    from signals
    inner join cards on signals.kpi = cards.kpi

),

middles as (

    select
        kpi,
        period_grain,
        slice,
        slice_value,
        count(*) as periods,
        {{ percentile(0.5, 'value') }} as trailing_median

    from recent

    where periods_ago <= 12

    group by kpi, period_grain, slice, slice_value

)

select
    recent.as_of_date,
    recent.kpi,
    recent.period_grain,
    recent.slice,
    recent.slice_value,
    recent.period_start as last_period_start,
    cast(middles.periods as integer) as periods,
    middles.trailing_median,
    recent.lower_limit,
    recent.upper_limit,
    cards.direction,
    case cards.direction when 'higher' then recent.upper_limit when 'lower' then recent.lower_limit end as stretch,
    'a proposal from history, not a target' as note

from recent
inner join middles
    on recent.kpi = middles.kpi
    and recent.period_grain = middles.period_grain
    and recent.slice = middles.slice
    and recent.slice_value = middles.slice_value
inner join cards on recent.kpi = cards.kpi

where recent.periods_ago = 1 and middles.periods >= 6
