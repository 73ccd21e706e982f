{# How much every KPI that adds up has grown, of the whole and of every member: beside the period before, and beside
   the same period last year. What a member did not have is 0; what was before the first event of the whole is
   unknown, and no base. #}
with

cells as (

    select
        kpi,
        period_grain,
        period_start as cell_start,
        slice,
        slice_value,
        value,
        is_complete_period

    from {{ ref('kpi_values') }}

    where kind in ('count', 'sum', 'stock', 'balance')

),

sides as (
    {{ compared_sides('cells') }}

),

paired as (

    select
        kpi,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        sum(case when is_now then 0 else value end) as base_value,
        sum(case when is_now then value else 0 end) as value,
        max(case when slice = 'all' and not is_now then cell_start end) as base_start,
        max(case when slice = 'all' and is_now then 1 end) as is_period,
        max(case when slice = 'all' and is_now and is_complete_period then 1 end) as is_complete

    from sides

    group by kpi, comparison, period_grain, period_start, slice, slice_value

),

{# Whether there is a period and a base, the whole says for its members. #}
placed as (

    select
        kpi,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        base_value,
        value,
        max(base_start) over (partition by kpi, comparison, period_grain, period_start) as base_start,
        max(is_period) over (partition by kpi, comparison, period_grain, period_start) as is_period,
        max(is_complete) over (partition by kpi, comparison, period_grain, period_start) as is_complete

    from paired

)

select

    ---------- text
    kpi,
    comparison,
    period_grain,
    slice,
    slice_value,

    ---------- numerics
    {{ amount('base_value') }} as base_value,
    {{ amount('value') }} as value,
    {{ amount('value - base_value') }} as change,
    {{ ratio('value - base_value', 'abs(base_value)') }} as growth_rate,

    ---------- booleans
    coalesce(is_complete = 1, false) as is_complete_period,

    ---------- dates
    period_start,
    base_start,
    {{ as_of() }} as as_of_date

from placed

where is_period = 1 and base_start is not null
