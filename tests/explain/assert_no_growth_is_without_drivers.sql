{# A007: "we grew by x %" is never said without how. Wherever a KPI that adds up stands in a period, and in the one
   before or a year earlier, its explanations stand beside it, with these very values: revenue of the whole and of each
   member by its drivers, the whole also by the mix of every slice; MRR by its movements; any KPI of the whole by
   every slice that it has. Where nobody had anything then or now, there is no member to name. #}
with

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where kind in ('count', 'sum', 'stock', 'balance') and period_grain != 'week'

),

slices as (

    select distinct
        kpi,
        slice
    from kpi_values
    where slice != 'all'

),

growth as (
    {%- for comparison in ['previous period', 'same period last year'] %}

    select
        current_values.kpi,
        '{{ comparison }}' as comparison,
        current_values.period_grain,
        current_values.period_start,
        current_values.slice,
        current_values.slice_value,
        current_values.value,
        base_values.value as base_value

    from kpi_values as current_values
    inner join kpi_values as base_values
        on current_values.kpi = base_values.kpi
        and current_values.period_grain = base_values.period_grain
        and current_values.slice = base_values.slice
        and current_values.slice_value = base_values.slice_value
        and current_values.period_start
        = {{ 'base_values.period_end' if comparison == 'previous period'
            else dbt.dateadd('year', 1, 'base_values.period_start') }}
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

expected as (
    {%- for driver_set in var('growth_driver_sets') %}

    select
        growth.*,
        '{{ driver_set[:-1] }} drivers' as explanation,
        'all' as cut_by

    from growth

    where growth.kpi = 'won_revenue'

    union all

    select
        growth.*,
        '{{ driver_set[:-1] }} mix' as explanation,
        slices.slice as cut_by

    from growth
    inner join slices on growth.kpi = slices.kpi

    where
        growth.kpi = 'won_revenue'
        and growth.slice = 'all'
        and (growth.value != 0 or growth.base_value != 0)

    union all
    {%- endfor %}

    select
        growth.*,
        'movements' as explanation,
        'all' as cut_by

    from growth

    where growth.kpi = 'mrr'

    union all

    select
        growth.*,
        'slice' as explanation,
        slices.slice as cut_by

    from growth
    inner join slices on growth.kpi = slices.kpi

    where growth.slice = 'all' and (growth.value != 0 or growth.base_value != 0)

),

explained as (

    select
        kpi,
        explanation,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        cut_by,
        max(value) as value,
        max(base_value) as base_value

    from {{ ref('growth_drivers') }}

    group by 1, 2, 3, 4, 5, 6, 7, 8

)

select
    expected.kpi,
    expected.explanation,
    expected.comparison,
    expected.period_grain,
    expected.period_start,
    expected.slice,
    expected.slice_value,
    expected.cut_by,
    expected.value,
    explained.value as explained_value

from expected
left join explained
    on expected.kpi = explained.kpi
    and expected.explanation = explained.explanation
    and expected.comparison = explained.comparison
    and expected.period_grain = explained.period_grain
    and expected.period_start = explained.period_start
    and expected.slice = explained.slice
    and expected.slice_value = explained.slice_value
    and expected.cut_by = explained.cut_by

where
    explained.kpi is null
    or expected.value != explained.value
    or expected.base_value != explained.base_value
