{# A forecast is inside its own interval, no further ahead than asked, and by a method that beat the last value
   repeated, often enough to know, or by the last value itself. #}
select
    forecast,
    period_grain,
    period_start,
    method_used

from {{ ref('forecasts') }}

where
    value is null
    or low > value
    or high < value
    or (low is null and high is not null)
    or (low is not null and high is null)
    or horizon < 1
    or horizon > {{ forecast_months() }}
    or (
        method_used not in ('naive', 'sum of months')
        and (skill is null or skill <= 0 or origins < {{ var('forecast_minimum_origins') }})
    )
    or (method_used = 'sum of months' and period_grain = 'month')
