{# Every KPI in one table. A KPI model has the cells that have events; here each KPI gets the periods in
   between: the whole from its first event to the as-of date, a slice member from its first event or target to its last.
   #}
with

cells as (

    select * from {{ ref('kpi_cells') }}

),

targets as (

    select * from {{ ref('fct_targets') }}
    where period_start <= {{ as_of() }}

),

kpi_cohorts as (

    select * from {{ ref('kpi_cohorts') }}

),

maturity as (

    select * from {{ ref('dim_maturity') }}

),

{# How long a cohort waits for its outcomes; before the first one nobody knows. #}
cohorts as (

    select
        kpi_cohorts.kpi,
        maturity.days_p90
    from kpi_cohorts
    left join maturity on kpi_cohorts.waits_for = maturity.process

),

periods as (
    {%- for grain in var('kpi_periods') %}

    select distinct
        '{{ grain }}' as period_grain,
        {{ grain }}_start as period_start,
        {{ period_end(grain, grain ~ '_start') }} as period_end

    from {{ ref('dim_dates') }}

    where is_past
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

seen as (

    select
        kpi,
        kind,
        period_grain,
        slice,
        slice_value,
        min(period_start) as first_start,
        max(period_start) as last_start

    from cells

    group by kpi, kind, period_grain, slice, slice_value

),

{# What a KPI is cut by, and since when: before there was anything nobody missed a target. #}
slices as (

    select
        kpi,
        kind,
        period_grain,
        slice,
        min(first_start) as first_start

    from seen

    group by kpi, kind, period_grain, slice

),

{# A member with a target and without an event stands at nothing: it must not go missing. #}
targeted as (

    select
        slices.kpi,
        slices.kind,
        slices.period_grain,
        slices.slice,
        targets.slice_value,
        min(targets.period_start) as first_start,
        max(targets.period_start) as last_start

    from slices
    inner join targets
        on slices.kpi = targets.kpi
        and slices.period_grain = targets.period_grain
        and slices.slice = targets.slice
        and slices.first_start <= targets.period_start

    group by slices.kpi, slices.kind, slices.period_grain, slices.slice, targets.slice_value

),

seen_or_targeted as (

    select * from seen
    union all
    select * from targeted

),

{# A balance does not end with its last movement. #}
members as (

    select
        kpi,
        kind,
        period_grain,
        slice,
        slice_value,
        min(first_start) as first_start,
        case when slice = 'all' or kind = 'balance' then {{ as_of() }} else max(last_start) end as last_start

    from seen_or_targeted

    group by kpi, kind, period_grain, slice, slice_value

),

expected as (

    select
        members.kpi,
        members.kind,
        members.period_grain,
        periods.period_start,
        periods.period_end,
        members.slice,
        members.slice_value,
        {# A cohort without anybody is as young as any other of its time. #}
        case
            when cohorts.kpi is null
                then periods.period_end <= {{ dbt.dateadd('day', 1, as_of()) }}
            else coalesce(
                {{ dbt.dateadd('day', 'cohorts.days_p90', 'periods.period_end') }}
                <= {{ dbt.dateadd('day', 1, as_of()) }},
                false
            )
        end as is_ripe

    from members
    inner join periods
        on members.period_grain = periods.period_grain
        and members.first_start <= periods.period_start
        and members.last_start >= periods.period_start
    left join cohorts on members.kpi = cohorts.kpi

),

placed as (

    select
        expected.*,
        cells.numerator,
        cells.denominator,
        cells.value,
        cells.n,
        cells.ci_low,
        cells.ci_high,
        coalesce(cells.is_mature, expected.is_ripe) as is_mature,
        {# A balance stays what it was until something moves it. #}
        count(cells.kpi) over (
            partition by expected.kpi, expected.period_grain, expected.slice, expected.slice_value
            order by expected.period_start
        ) as run

    from expected
    left join cells
        on expected.kpi = cells.kpi
        and expected.period_grain = cells.period_grain
        and expected.period_start = cells.period_start
        and expected.slice = cells.slice
        and expected.slice_value = cells.slice_value

),

carried as (

    select
        *,
        max(numerator) over (
            partition by kpi, period_grain, slice, slice_value, run
        ) as last_numerator,
        max(n) over (partition by kpi, period_grain, slice, slice_value, run) as last_n

    from placed

),

filled as (

    select
        {{ as_of() }} as as_of_date,
        kpi,
        kind,
        period_grain,
        period_start,
        period_end,
        slice,
        slice_value,
        case
            when kind = 'balance' then coalesce(last_numerator, 0)
            when kind in ('derived', 'period_derived') then numerator
            else coalesce(numerator, 0)
        end as numerator,
        case
            when kind = 'period_per_day' then {{ days_so_far() }}
            when kind in ('rate', 'period_rate', 'ratio', 'period_ratio', 'distinct_ratio', 'median', 'p90')
                then coalesce(denominator, 0)
            else denominator
        end as denominator,
        case
            when kind = 'balance' then coalesce(last_numerator, 0)
            when kind in ('count', 'sum', 'period_per_day', 'distinct', 'stock') then coalesce(value, 0)
            else value
        end as value,
        coalesce(case kind when 'balance' then last_n else n end, 0) as n,
        ci_low,
        ci_high,
        is_mature

    from carried

)

select
    as_of_date,
    kpi,
    kind,
    period_grain,
    period_start,
    period_end,
    slice,
    slice_value,
    {{ amount('numerator') }} as numerator,
    {{ amount('denominator') }} as denominator,
    {{ amount('value') }} as value,
    n,
    ci_low,
    ci_high,
    period_end <= {{ dbt.dateadd('day', 1, 'as_of_date') }} as is_complete_period,
    is_mature

from filled
