{# The page for whoever decides: each card once, as of its last complete period, the worst first. #}
with

scorecard as (

    select * from {{ ref('kpi_scorecard') }}
    where is_latest and slice = 'all'

)

select
    as_of_date,
    cast(row_number() over (order by priority desc, kpi asc) as integer) as position,
    kpi,
    label,
    family,
    measure_text,
    unit,
    frequency,
    owner,
    source_list,
    period_start,
    period_end,
    value,
    n,
    previous,
    same_period_last_year,
    change_on_last_year,
    companion_values,
    target,
    attainment,
    status,
    status_reason,
    signal,
    signal_verdict,
    is_predictable,
    source_status,
    due_state,
    priority

from scorecard
