{# Every slice closes with the published pipeline_value of its period, and opens with that of the period before. #}
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

)

select * from ends
where waterfall_value != published_value
