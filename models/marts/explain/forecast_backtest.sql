{# How well each forecast did at each number of months ahead, over all origins whose month has come. Each method is
   compared with the last value repeated, over the same origins. #}
with

trials as (

    select * from {{ ref('forecast_trials') }}
    where actual is not null

),

naive_trials as (

    select * from trials
    where method = 'naive'

),

compared as (

    select
        trials.*,
        abs(trials.actual - trials.value) as error,
        abs(naive_trials.actual - naive_trials.value) as naive_error,
        lag(trials.actual) over series as last_actual,
        lag(trials.month_start) over series as last_month

    from trials
    inner join naive_trials
        on trials.forecast = naive_trials.forecast
        and trials.horizon = naive_trials.horizon
        and trials.origin_date = naive_trials.origin_date

    window series as (
        partition by trials.forecast, trials.method, trials.horizon
        order by trials.origin_date
    )

),

measured as (

    select
        *,
        case when {{ months_between('last_month', 'month_start') }} = 1 then abs(actual - last_actual) end as change,
        case when actual != 0 then {{ factor('error', 'abs(actual)') }} end as relative_error,
        case when low is not null then 1 else 0 end as has_interval,
        case when actual between low and high then 1 else 0 end as is_covered

    from compared

),

totals as (

    select
        forecast,
        method,
        horizon,
        count(*) as origins,
        min(origin_date) as first_origin_date,
        max(origin_date) as last_origin_date,
        sum(error) as error,
        sum(naive_error) as naive_error,
        sum(value - actual) as excess,
        sum(abs(actual)) as actual,
        sum(change) as change,
        count(change) as changes,
        count(relative_error) as relative_errors,
        sum(relative_error) as relative_error,
        sum(has_interval) as intervals,
        sum(is_covered) as covered

    from measured

    group by 1, 2, 3

),

scored as (

    select
        *,
        {{ ratio('error', 'origins') }} as mean_absolute_error,
        {{ ratio('naive_error', 'origins') }} as naive_mean_absolute_error,
        {{ ratio('error', 'actual') }} as wape,
        {{ ratio('excess', 'actual') }} as bias,
        case when relative_errors = origins then {{ ratio('relative_error', 'origins') }} end as mape,
        {{ ratio('covered', 'intervals') }} as coverage,
        {{ amount('1 - ' ~ ratio('error', 'naive_error')) }} as skill

    from totals

)

select

    ---------- text
    forecast,
    method,

    ---------- numerics
    horizon,
    cast(origins as integer) as origins,
    mean_absolute_error,
    naive_mean_absolute_error,
    wape,
    bias,
    mape,
    {{ ratio('mean_absolute_error', ratio('change', 'changes')) }} as mase,
    cast(intervals as integer) as intervals,
    coverage,
    skill,

    ---------- booleans
    method != 'naive'
    and origins >= {{ var('forecast_minimum_origins') }}
    and coalesce(skill > 0, false) as beats_naive,

    ---------- dates
    first_origin_date,
    last_origin_date,
    {{ as_of() }} as as_of_date

from scored
