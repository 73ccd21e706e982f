{# What the deals that are open bring, month by month: what is won already, what is due times its probability, and
   what deals will bring that are not there yet, as the last months had it. From what was known at each origin. #}
{% set window_months = var('forecast_window') %}
with

open_deals as (

    select * from {{ ref('fct_deal_outlooks') }}

),

wins as (

    select * from {{ ref('fct_deal_wins') }}

),

days as (

    select
        calendar_date as origin_date,
        {{ months_later(
            period_start('month', 'cast(' ~ dbt.dateadd('day', 1, 'calendar_date') ~ ' as date)'), -1
        ) }} as origin_month,
        calendar_date = {{ as_of() }} as is_current

    from {{ ref('dim_dates') }}

    where calendar_date = {{ as_of() }} or (is_month_end and is_past)

),

{# In the middle of a month the as-of date is the origin, not the end of the month before. #}
numbered as (

    select
        *,
        row_number() over (partition by origin_month order by origin_date desc) as place,
        dense_rank() over (order by origin_month desc) as months_ago
    from days

),

origins as (

    select
        origin_date,
        origin_month,
        is_current
    from numbered
    where place = 1 and months_ago <= {{ var('forecast_origins') }} + 1

),

monthly_wins as (

    select
        {{ period_start('month', 'won_date') }} as won_month,
        {{ period_start('month', 'created_date') }} as created_month,
        {{ period_start('month', 'known_from_date') }} as known_from_month,
        {{ period_start('month', 'known_to_date') }} as known_to_month,
        coalesce(sum(won_amount), 0) as revenue

    from wins

    group by 1, 2, 3, 4

),

{# age_months: a deal of the month in which it was won has 0, and was in no pipeline of a month's end. #}
known_revenue as (

    select
        origins.origin_month,
        monthly_wins.won_month,
        {{ months_between('monthly_wins.created_month', 'monthly_wins.won_month') }} as age_months,
        {{ months_between('monthly_wins.won_month', 'origins.origin_month') }} as months_before,
        monthly_wins.revenue

    from origins
    inner join monthly_wins
        on (origins.is_current or origins.origin_month >= monthly_wins.won_month)
        and (origins.is_current or origins.origin_month >= monthly_wins.known_from_month)
        and (
            monthly_wins.known_to_month is null
            or (not origins.is_current and origins.origin_month < monthly_wins.known_to_month)
        )

),

histories as (

    select
        origin_month,
        max(months_before) + 1 as months_of_history
    from known_revenue
    where months_before >= 0
    group by 1

),

months_ahead as (

    {{ dbt.generate_series(forecast_months()) }}

),

targets as (

    select
        origins.*,
        cast(months_ahead.generated_number as integer) as horizon,
        {{ months_later('origins.origin_month', 'months_ahead.generated_number') }} as month_start

    from origins
    cross join months_ahead

),

due as (

    select
        targets.origin_month,
        targets.horizon,
        count(*) as due_deals,
        coalesce(sum(open_deals.amount), 0) as due_amount,
        coalesce(sum(open_deals.weighted_amount), 0) as expected_amount,
        sum(
            cast(open_deals.amount as {{ double_type() }}) * open_deals.amount
            * open_deals.win_probability * (1 - open_deals.win_probability)
        ) as expected_variance

    from targets
    inner join open_deals
        on targets.origin_date = open_deals.origin_date
        {%- if var('forecast_stale_deals') == 'current' %}
        and targets.month_start = greatest(
            {{ period_start('month', 'open_deals.expected_close_date') }},
            {{ months_later('targets.origin_month', 1) }}
        )
        and open_deals.expected_close_date is not null
        {%- else %}
        and targets.month_start = {{ period_start('month', 'open_deals.expected_close_date') }}
        and not open_deals.is_stale
        {%- endif %}

    group by 1, 2

),

{# Per month of the window: what deals brought that were not there so many months before, and what came from those
   that were. #}
sources as (

    select
        targets.origin_month,
        targets.horizon,
        sum(
            case
                when known_revenue.months_before = -1 and targets.horizon = 1 then known_revenue.revenue
                else 0
            end
        ) as already_won,
        sum(
            case
                when
                    known_revenue.months_before between 0 and {{ window_months - 1 }}
                    and known_revenue.age_months < targets.horizon
                    then known_revenue.revenue
                else 0
            end
        ) as created_and_won,
        sum(
            case
                when
                    known_revenue.months_before between 0 and {{ window_months - 1 }}
                    and known_revenue.age_months >= targets.horizon
                    then known_revenue.revenue
                else 0
            end
        ) as won_from_open

    from targets
    inner join known_revenue on targets.origin_month = known_revenue.origin_month

    group by 1, 2

),

{# How much of what was due in the months of the window, as said so many months before each, came. #}
past_due as (

    select
        targets.origin_month,
        targets.horizon,
        count(*) as months_due,
        sum(coalesce(due.expected_amount, 0)) as expected_amount

    from targets
    inner join targets as earlier
        on targets.horizon = earlier.horizon
        and targets.origin_month >= earlier.month_start
        and {{ months_later('targets.origin_month', -window_months) }} < earlier.month_start
    left join due
        on earlier.origin_month = due.origin_month
        and earlier.horizon = due.horizon

    group by 1, 2

),

measured as (

    select
        targets.*,
        coalesce(due.due_deals, 0) as due_deals,
        coalesce(due.due_amount, 0) as due_amount,
        coalesce(due.expected_amount, 0) as expected_amount,
        sqrt(coalesce(due.expected_variance, 0)) as expected_deviation,
        sources.already_won,
        {# Of a month that runs the days that are left. #}
        {{ amount(factor('sources.created_and_won', window_months) ~ ' * ' ~ factor(
            days_between(
                'greatest(targets.origin_date, '
                ~ 'cast(' ~ dbt.dateadd('day', -1, 'targets.month_start') ~ ' as date))',
                period_last_day('month', 'targets.month_start')
            ),
            days_between('targets.month_start', period_end('month', 'targets.month_start'))
        )) }} as created_and_won,
        case
            when past_due.months_due = {{ window_months }}
                then {{ factor('sources.won_from_open', 'past_due.expected_amount') }}
        end as realised

    from targets
    inner join histories
        on targets.origin_month = histories.origin_month
        and histories.months_of_history >= {{ window_months }}
    inner join sources
        on targets.origin_month = sources.origin_month
        and targets.horizon = sources.horizon
    left join due
        on targets.origin_month = due.origin_month
        and targets.horizon = due.horizon
    left join past_due
        on targets.origin_month = past_due.origin_month
        and targets.horizon = past_due.horizon

),

methods as (

    select
        *,
        'weighted pipeline' as method,
        {{ amount('expected_amount') }} as from_open
    from measured

    union all

    select
        *,
        'realised pipeline' as method,
        {{ amount('expected_amount * realised') }} as from_open
    from measured
    where realised is not null

)

select

    ---------- text
    method,

    ---------- numerics
    horizon,
    cast(due_deals as integer) as due_deals,
    {{ amount('due_amount') }} as due_amount,
    {{ amount('expected_amount') }} as expected_amount,
    {{ amount('expected_deviation') }} as expected_deviation,
    {{ amount('realised') }} as realised_ratio,
    {{ amount('already_won') }} as already_won,
    from_open,
    created_and_won,
    {{ amount('already_won + from_open + created_and_won') }} as revenue,

    ---------- booleans
    is_current,
    {# When a pipeline is tidied up, what lay past its date for years is suddenly due: no trial was like that. #}
    coalesce(
        expected_amount > {{ var('forecast_reach') }} * max(expected_amount) over (
            partition by method, horizon
            order by origin_date
            rows between unbounded preceding and 1 preceding
        ),
        false
    ) as is_beyond_trials,

    ---------- dates
    origin_date,
    month_start,
    {{ as_of() }} as as_of_date

from methods
