{# Won revenue of the months ahead, as it would have been forecast at the end of each month: from the wins that were
   known by then, in the months in which they were then known to be. #}
{% set window_months = var('forecast_window') %}
with

wins as (

    select * from {{ ref('fct_deal_wins') }}

),

complete_months as (

    select
        month_start,
        calendar_date as origin_date,
        row_number() over (order by month_start desc) as months_ago

    from {{ ref('dim_dates') }}

    where is_month_end and is_past

),

origins as (

    select
        month_start,
        origin_date,
        months_ago = 1 as is_current

    from complete_months

    where months_ago <= {{ var('forecast_origins') }} + 1

),

{# An origin is the end of a month: the month of a day says whether it was before. #}
monthly_wins as (

    select
        {{ period_start('month', 'won_date') }} as won_month,
        {{ period_start('month', 'known_from_date') }} as known_from_month,
        {{ period_start('month', 'known_to_date') }} as known_to_month,
        coalesce(sum(won_amount), 0) as revenue

    from wins

    group by 1, 2, 3

),

{# Of the last complete month all is known that is known today. #}
known_revenue as (

    select
        origins.month_start,
        monthly_wins.won_month,
        sum(monthly_wins.revenue) as revenue

    from origins
    inner join monthly_wins
        on origins.month_start >= monthly_wins.won_month
        and (origins.is_current or origins.month_start >= monthly_wins.known_from_month)
        and (
            monthly_wins.known_to_month is null
            or (not origins.is_current and origins.month_start < monthly_wins.known_to_month)
        )

    group by 1, 2

),

aged as (

    select
        *,
        {{ months_between('won_month', 'month_start') }} as months_before
    from known_revenue

),

histories as (

    select
        origins.month_start,
        origins.origin_date,
        origins.is_current,
        max(aged.months_before) + 1 as months_of_history,
        sum(case when aged.months_before < {{ window_months }} then aged.revenue else 0 end) as last_revenue,
        sum(
            case when aged.months_before between 12 and {{ 11 + window_months }} then aged.revenue else 0 end
        ) as revenue_year_before

    from origins
    inner join aged on origins.month_start = aged.month_start

    group by 1, 2, 3

),

measured as (

    select
        *,
        case
            when months_of_history >= {{ 12 + window_months }}
                then {{ factor('last_revenue', 'revenue_year_before') }}
        end as growth,
        case
            when months_of_history >= {{ window_months }} then {{ ratio('last_revenue', window_months) }}
        end as trailing_mean

    from histories

),

months_ahead as (

    {{ dbt.generate_series(forecast_months()) }}

),

targets as (

    select
        measured.*,
        cast(months_ahead.generated_number as integer) as horizon,
        {{ years_back('months_ahead.generated_number') }} as years_back,
        {{ months_later(
            'measured.month_start',
            '(months_ahead.generated_number - 12 * ' ~ years_back('months_ahead.generated_number') ~ ')'
        ) }} as same_month

    from measured
    cross join months_ahead

),

{# A month without a win, since the first one, is a month of nothing. #}
based as (

    select
        targets.*,
        coalesce(last_month.revenue, 0) as last_month_revenue,
        case
            when targets.months_of_history > 12 * targets.years_back - targets.horizon
                then coalesce(same_month.revenue, 0)
        end as same_month_revenue

    from targets
    left join known_revenue as last_month
        on targets.month_start = last_month.month_start
        and targets.month_start = last_month.won_month
    left join known_revenue as same_month
        on targets.month_start = same_month.month_start
        and targets.same_month = same_month.won_month

),

methods as (

    select
        *,
        'seasonal growth' as method,
        {{ amount('same_month_revenue * power(growth, years_back)') }} as revenue
    from based

    union all

    select
        *,
        'trailing mean' as method,
        trailing_mean as revenue
    from based

    union all

    select
        *,
        'seasonal naive' as method,
        {{ amount('same_month_revenue') }} as revenue
    from based

    union all

    select
        *,
        'naive' as method,
        {{ amount('last_month_revenue') }} as revenue
    from based

)

select

    ---------- text
    method,

    ---------- numerics
    horizon,
    {{ amount('revenue') }} as revenue,
    {{ amount('same_month_revenue') }} as same_month_revenue,
    {{ amount('growth') }} as growth_ratio,
    cast(months_of_history as integer) as months_of_history,

    ---------- booleans
    is_current,

    ---------- dates
    origin_date,
    {{ months_later('month_start', 'horizon') }} as month_start,
    {{ as_of() }} as as_of_date

from methods

where revenue is not null
