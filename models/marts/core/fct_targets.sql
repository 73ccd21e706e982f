{# What each KPI was to be, period by period: what was agreed first, and what holds now. Additive targets of
   months make the quarter's and the year's, where those have none of their own. #}
with

targets as (

    select * from {{ ref('kpi_targets') }}
    where
        set_on <= {{ as_of() }}
        and (source_system is null or source_system = '{{ var("source_system") }}')

),

cards as (

    select * from {{ ref('kpis') }}

),

periods as (
    {%- for grain in var('kpi_periods') %}

    select
        '{{ grain }}' as period_grain,
        {{ grain }}_start as period_start,
        min(month_start) as first_month,
        max(month_start) as last_month,
        count(distinct month_start) as months

    from {{ ref('dim_dates') }}

    group by {{ grain }}_start
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

{# A target without a grain holds for a period of any length. #}
dated as (

    select
        targets.kpi,
        periods.period_grain,
        periods.period_start,
        targets.slice,
        targets.slice_value,
        targets.target,
        targets.baseline,
        targets.set_on,
        row_number() over (
            partition by
                targets.kpi, periods.period_grain, periods.period_start, targets.slice, targets.slice_value
            order by targets.set_on asc, targets.first_period asc, targets.target asc
        ) as version,
        row_number() over (
            partition by
                targets.kpi, periods.period_grain, periods.period_start, targets.slice, targets.slice_value
            order by targets.set_on desc, targets.first_period desc, targets.target desc
        ) as versions_to_come

    from targets
    inner join periods
        on (targets.period_grain is null or targets.period_grain = periods.period_grain)
        and targets.first_period <= periods.period_start
        and (targets.last_period is null or targets.last_period >= periods.period_start)

),

given as (

    select
        kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        max(case when version = 1 then target end) as original_target,
        max(case when versions_to_come = 1 then target end) as target,
        max(case when versions_to_come = 1 then baseline end) as baseline,
        max(set_on) as set_on

    from dated

    group by kpi, period_grain, period_start, slice, slice_value

),

{# Only of whole quarters and years: with a month missing the sum would be no target. #}
added as (

    select
        given.kpi,
        periods.period_grain,
        periods.period_start,
        given.slice,
        given.slice_value,
        sum(given.original_target) as original_target,
        sum(given.target) as target,
        case when count(given.baseline) = count(*) then sum(given.baseline) end as baseline,
        max(given.set_on) as set_on

    from given
    inner join cards on given.kpi = cards.kpi
    inner join periods
        on given.period_start between periods.first_month and periods.last_month

    where
        given.period_grain = 'month'
        and cards.additivity = 'additive'
        and periods.period_grain in ('quarter', 'year')

    group by
        given.kpi, periods.period_grain, periods.period_start, given.slice, given.slice_value

    having count(*) = max(periods.months)

),

together as (

    select
        *,
        false as is_added
    from given

    union all

    select
        added.*,
        true as is_added
    from added
    left join given
        on added.kpi = given.kpi
        and added.period_grain = given.period_grain
        and added.period_start = given.period_start
        and added.slice = given.slice
        and added.slice_value = given.slice_value
    where given.kpi is null

)

select
    kpi,
    period_grain,
    period_start,
    slice,
    slice_value,
    {{ amount('original_target') }} as original_target,
    {{ amount('target') }} as target,
    {{ amount('baseline') }} as baseline,
    is_added,
    set_on

from together
