{# Every forecast tried out: at the end of each month what each method would have said of the months ahead, what
   came, and the interval that the errors known by then would have given. A trial counts for an origin only if the month
   that it was about was over. #}
{% set share_below = (1 - var('forecast_interval')) / 2 %}
with

mrr_forecast as (

    select * from {{ ref('mrr_forecast') }}
    where scenario = 'trailing'

),

revenue_forecast as (

    select * from {{ ref('revenue_forecast') }}

),

pipeline_forecast as (

    select * from {{ ref('pipeline_forecast') }}

),

mrr_months as (

    select
        month_start,
        sum(mrr) as mrr,
        row_number() over (order by month_start desc) as months_ago

    from {{ ref('fct_customer_months') }}

    where is_complete_month

    group by 1

),

wins as (

    select
        {{ period_start('month', 'won_date') }} as month_start,
        sum(won_amount) as won_amount

    from {{ ref('fct_deal_wins') }}

    where is_current

    group by 1

),

complete_months as (

    select month_start
    from {{ ref('dim_dates') }}
    where is_month_end and is_past

),

actuals as (

    select
        'mrr' as forecast,
        month_start,
        mrr as actual
    from mrr_months

    union all

    {# A month without a win brought nothing. #}
    select
        'won_revenue' as forecast,
        complete_months.month_start,
        coalesce(wins.won_amount, 0) as actual
    from complete_months
    left join wins on complete_months.month_start = wins.month_start

    union all

    select
        'pipeline' as forecast,
        complete_months.month_start,
        coalesce(wins.won_amount, 0) as actual
    from complete_months
    left join wins on complete_months.month_start = wins.month_start

),

months_ahead as (

    {{ dbt.generate_series(forecast_months()) }}

),

mrr_targets as (

    select
        mrr_months.month_start as origin_month,
        mrr_months.mrr,
        mrr_months.months_ago = 1 as is_current,
        cast(months_ahead.generated_number as integer) as horizon,
        {{ months_later(
            'mrr_months.month_start',
            '(months_ahead.generated_number - 12 * ' ~ years_back('months_ahead.generated_number') ~ ')'
        ) }} as same_month

    from mrr_months
    cross join months_ahead

    where mrr_months.months_ago <= {{ var('forecast_origins') }} + 1

),

candidates as (

    select
        'mrr' as forecast,
        'trailing rates' as method,
        origin_date,
        {{ period_start('month', 'origin_date') }} as origin_month,
        horizon,
        is_current,
        false as is_beyond_trials,
        mrr as value
    from mrr_forecast

    union all

    select
        'mrr' as forecast,
        'naive' as method,
        {{ period_last_day('month', 'origin_month') }} as origin_date,
        origin_month,
        horizon,
        is_current,
        false as is_beyond_trials,
        {{ amount('mrr') }} as value
    from mrr_targets

    union all

    select
        'mrr' as forecast,
        'seasonal naive' as method,
        {{ period_last_day('month', 'mrr_targets.origin_month') }} as origin_date,
        mrr_targets.origin_month,
        mrr_targets.horizon,
        mrr_targets.is_current,
        false as is_beyond_trials,
        {{ amount('mrr_months.mrr') }} as value
    from mrr_targets
    inner join mrr_months on mrr_targets.same_month = mrr_months.month_start

    union all

    select
        'won_revenue' as forecast,
        method,
        origin_date,
        {{ period_start('month', 'origin_date') }} as origin_month,
        horizon,
        is_current,
        false as is_beyond_trials,
        revenue as value
    from revenue_forecast

    union all

    {# In the middle of a month its last day is still ahead: the month that runs is one month ahead, as at the end of
       the month before. #}
    select
        'pipeline' as forecast,
        method,
        origin_date,
        {{ months_later('month_start', '-horizon') }} as origin_month,
        horizon,
        is_current,
        is_beyond_trials,
        revenue as value
    from pipeline_forecast

    union all

    select
        'pipeline' as forecast,
        method,
        origin_date,
        {{ period_start('month', 'origin_date') }} as origin_month,
        horizon,
        is_current,
        false as is_beyond_trials,
        revenue as value
    from revenue_forecast
    where method in ('naive', 'seasonal naive')

),

dated as (

    select
        *,
        {{ months_later('origin_month', 'horizon') }} as month_start
    from candidates

),

{# MRR grows, and its errors with it: they are shares of the forecast. Revenue of a month may be nothing: its errors
   are amounts. #}
compared as (

    select
        dated.*,
        actuals.actual,
        actuals.actual - dated.value as miss,
        case dated.forecast when 'mrr' then dated.value else 1 end as scale

    from dated
    left join actuals
        on dated.forecast = actuals.forecast
        and dated.month_start = actuals.month_start

),

errors as (

    select
        *,
        {{ factor('miss', 'scale') }} as error
    from compared
    where actual is not null

),

error_quantiles as (

    select
        compared.forecast,
        compared.method,
        compared.origin_month,
        compared.horizon,
        count(errors.error) as errors_known,
        percentile_cont({{ share_below | round(6) }}) within group (order by errors.error) as low_error,
        percentile_cont({{ (1 - share_below) | round(6) }}) within group (order by errors.error) as high_error

    from compared
    inner join errors
        on compared.forecast = errors.forecast
        and compared.method = errors.method
        and compared.horizon = errors.horizon
        and compared.origin_month >= errors.month_start

    group by 1, 2, 3, 4

),

{# A method that always erred to one side has an interval that reaches from the forecast to that side. #}
bounded as (

    select
        compared.*,
        coalesce(error_quantiles.errors_known, 0) as errors_known,
        case
            when error_quantiles.errors_known >= {{ var('forecast_minimum_origins') }}
                then greatest(0, compared.value + {{ from_millionths(
                    'least(0e0, error_quantiles.low_error) * compared.scale * 1e6'
                ) }})
        end as low,
        case
            when error_quantiles.errors_known >= {{ var('forecast_minimum_origins') }}
                then compared.value + {{ from_millionths(
                    'greatest(0e0, error_quantiles.high_error) * compared.scale * 1e6'
                ) }}
        end as high

    from compared
    left join error_quantiles
        on compared.forecast = error_quantiles.forecast
        and compared.method = error_quantiles.method
        and compared.origin_month = error_quantiles.origin_month
        and compared.horizon = error_quantiles.horizon

)

select

    ---------- text
    forecast,
    method,

    ---------- numerics
    horizon,
    value,
    {{ rounded('low') }} as low,
    {{ rounded('high') }} as high,
    cast(errors_known as integer) as errors_known,
    {{ amount('actual') }} as actual,

    ---------- booleans
    is_current,
    is_beyond_trials,

    ---------- dates
    origin_date,
    month_start,
    {{ as_of() }} as as_of_date

from bounded
