{# A card that stopped some periods ago looks healthy and is not: each KPI of the scorecard has a row for the last
   complete period of its frequency. #}
with

scorecard as (

    select * from {{ ref('kpi_scorecard') }}
    where slice = 'all'

),

reached as (

    select
        kpi,
        frequency,
        max(case when is_complete_period then period_end end) as reached_end,
        max(as_of_date) as as_of_date

    from scorecard

    where
        period_grain = {{ grain_of('frequency') }}

    group by kpi, frequency

),

last_ends as (

    select
        period_grain,
        max(period_end) as last_end
    from {{ ref('kpi_values') }}
    where is_complete_period
    group by period_grain

)

select
    reached.kpi,
    reached.frequency,
    reached.reached_end,
    last_ends.last_end

from reached
inner join last_ends
    on last_ends.period_grain = {{ grain_of('reached.frequency') }}

where reached.reached_end is not null and reached.reached_end < last_ends.last_end
