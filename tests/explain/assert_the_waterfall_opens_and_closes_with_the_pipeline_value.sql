{# Every slice closes with the published pipeline_value of its period, and opens with that of the period before; what is
   due opens with what the published pipeline_coverage has over its target. #}
with

published as (

    select
        period_grain,
        period_start,
        period_end,
        slice,
        slice_value,
        value
    from {{ ref('kpi_values') }}
    where kpi = 'pipeline_value'

),

waterfall as (

    select * from {{ ref('pipeline_waterfall') }}
    where
        scope = 'pipeline'
        and slice != 'stage'

),

{# In the running period coverage is measured as of now, not at its start. #}
coverage as (

    select
        period_grain,
        period_start,
        numerator
    from {{ ref('kpi_values') }}
    where
        kpi = 'pipeline_coverage'
        and slice = 'all'
        and is_complete_period
        and numerator is not null

),

due as (

    select * from {{ ref('pipeline_waterfall') }}
    where
        scope = 'due'
        and slice = 'all'

),

ends as (

    select
        coalesce(waterfall.period_grain, published.period_grain) as period_grain,
        coalesce(waterfall.period_start, published.period_start) as period_start,
        coalesce(waterfall.slice, published.slice) as slice,
        coalesce(waterfall.slice_value, published.slice_value) as slice_value,
        'closing' as measure,
        coalesce(waterfall.closing, 0) as waterfall_value,
        coalesce(published.value, 0) as published_value

    from waterfall
    full outer join published
        on waterfall.period_grain = published.period_grain
        and waterfall.period_start = published.period_start
        and waterfall.slice = published.slice
        and waterfall.slice_value = published.slice_value

    union all

    select
        waterfall.period_grain,
        waterfall.period_start,
        waterfall.slice,
        waterfall.slice_value,
        'opening' as measure,
        waterfall.opening as waterfall_value,
        coalesce(published.value, 0) as published_value

    from waterfall
    left join published
        on waterfall.period_grain = published.period_grain
        and waterfall.period_start = published.period_end
        and waterfall.slice = published.slice
        and waterfall.slice_value = published.slice_value

    union all

    select
        coverage.period_grain,
        coverage.period_start,
        'all' as slice,
        'due' as slice_value,
        'opening' as measure,
        due.opening as waterfall_value,
        coverage.numerator as published_value

    from coverage
    left join due
        on coverage.period_grain = due.period_grain
        and coverage.period_start = due.period_start

)

select * from ends
where waterfall_value is null or waterfall_value != published_value
