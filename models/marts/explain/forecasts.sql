{# What is published of the forecasts: at each number of months ahead the method that erred least when it was tried
   out, if it erred less than the last value repeated; else that, and the note says so. #}
{% set flows = ['won_revenue', 'pipeline'] %}
{% set months_in = {'quarter': 3, 'year': 12} %}
with

trials as (

    select * from {{ ref('forecast_trials') }}
    where is_current

),

backtest as (

    select * from {{ ref('forecast_backtest') }}

),

wins as (

    select * from {{ ref('fct_deal_wins') }}
    where is_current

),

tried as (

    select
        backtest.forecast,
        backtest.horizon,
        max(backtest.origins) as origins,
        max(case when backtest.beats_naive and trials.is_beyond_trials then 1 else 0 end) as beyond

    from backtest
    left join trials
        on backtest.forecast = trials.forecast
        and backtest.method = trials.method
        and backtest.horizon = trials.horizon

    where backtest.method != 'naive'

    group by 1, 2

),

candidates as (

    select
        trials.*,
        backtest.origins,
        backtest.wape,
        backtest.bias,
        backtest.intervals,
        backtest.coverage,
        backtest.skill,
        coalesce(tried.origins, 0) >= {{ var('forecast_minimum_origins') }} as is_tried,
        coalesce(tried.beyond, 0) = 1 as is_passed_over,
        row_number() over (
            partition by trials.forecast, trials.horizon
            order by coalesce(backtest.skill, 0) desc, trials.method
        ) as place

    from trials
    left join backtest
        on trials.forecast = backtest.forecast
        and trials.method = backtest.method
        and trials.horizon = backtest.horizon
    left join tried
        on trials.forecast = tried.forecast
        and trials.horizon = tried.horizon

    where trials.method = 'naive' or (backtest.beats_naive and not trials.is_beyond_trials)

),

months as (

    select
        forecast,
        'month' as period_grain,
        month_start as period_start,
        horizon,
        method as method_used,
        value,
        low,
        high,
        {{ amount(0) }} as known_value,
        origins,
        wape,
        bias,
        intervals,
        coverage,
        skill,
        case
            when is_passed_over
                then 'more is due than ever before, beyond what was tried out; '
            else ''
        end as caution,
        case
            when method = 'naive' and is_tried
                then 'the last value repeated: nothing that was tried out erred less'
            when method = 'naive' then 'too little history: the last value repeated'
            else {{ dbt.concat([
                "'erred '",
                percent_in_words('skill'),
                "' less than the last value repeated, at '",
                in_words('origins'),
                "' origins'",
            ]) }}
        end as reason,
        origin_date

    from candidates

    where place = 1

),
{%- for grain in months_in %}

{{ grain }}_parts as (

    select
        forecast,
        {{ period_start(grain, 'period_start') }} as period_start,
        min(period_start) as first_month,
        max(horizon) as horizon,
        count(*) as months_forecast,
        sum(value) as value,
        min(origin_date) as origin_date

    from months

    where forecast in ('{{ flows | join("', '") }}')

    group by 1, 2

),

{# Only whole {{ grain }}s: what is won so far, and all months that are left. #}
{{ grain }}s as (

    select
        parts.forecast,
        parts.period_start,
        parts.first_month,
        parts.horizon,
        parts.months_forecast,
        parts.value,
        parts.origin_date,
        coalesce(sum(wins.won_amount), 0) as known_value

    from {{ grain }}_parts as parts
    left join wins
        on parts.period_start <= wins.won_date
        and parts.first_month > wins.won_date

    where
        {{ months_between('parts.period_start', 'parts.first_month') }} + parts.months_forecast
        = {{ months_in[grain] }}

    group by 1, 2, 3, 4, 5, 6, 7

),
{%- endfor %}

periods as (

    select * from months
    {%- for grain in months_in %}

    union all

    select
        forecast,
        '{{ grain }}' as period_grain,
        period_start,
        horizon,
        'sum of months' as method_used,
        known_value + value as value,
        null as low,
        null as high,
        known_value,
        null as origins,
        null as wape,
        null as bias,
        null as intervals,
        null as coverage,
        null as skill,
        '' as caution,
        {{ dbt.concat([
            "'what is won so far and '",
            in_words('months_forecast'),
            "case months_forecast when 1 then ' month' else ' months' end",
            "' of forecast; the intervals of months do not add up'",
        ]) }} as reason,
        origin_date
    from {{ grain }}s
    {%- endfor %}

)

select

    ---------- text
    forecast,
    period_grain,
    method_used,
    {{ dbt.concat(['caution', 'reason']) }} as note,

    ---------- numerics
    cast(horizon as integer) as horizon,
    {{ amount('value') }} as value,
    {{ amount('low') }} as low,
    {{ amount('high') }} as high,
    {{ amount('known_value') }} as known_value,
    cast(origins as integer) as origins,
    {{ amount('wape') }} as wape,
    {{ amount('bias') }} as bias,
    cast(intervals as integer) as intervals,
    {{ amount('coverage') }} as coverage,
    {{ amount('skill') }} as skill,

    ---------- dates
    period_start,
    origin_date,
    {{ as_of() }} as as_of_date

from periods
