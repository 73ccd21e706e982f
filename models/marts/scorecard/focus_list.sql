{# Where to focus: what misses its target or signals trouble, whoever and wherever it is, the most urgent first. What is
   neither is left alone: explaining a wiggle wastes the time that the real trouble needs. #}
with

scorecard as (

    select * from {{ ref('kpi_scorecard') }}
    where is_latest and priority > 0

)

select
    as_of_date,
    cast(row_number() over (order by priority desc, slice asc, slice_value asc, kpi asc) as integer) as position,
    slice,
    slice_value,
    kpi,
    label,
    family,
    owner,
    period_start,
    period_end,
    value,
    n,
    target,
    attainment,
    gap,
    companion_values,
    signal_verdict,
    status,
    status_reason,
    priority

from scorecard
