{# In the large and in the small: what the open deals are expected to bring in the months ahead is what each of them
   is expected to bring, whoever owns it; and the three parts are the whole. #}
with

months as (

    select * from {{ ref('pipeline_forecast') }}
    where method = 'weighted pipeline'

),

origins as (

    select
        origin_date,
        sum(expected_amount) as expected_amount,
        min(month_start) as first_month,
        max(month_start) as last_month
    from months
    group by 1

),

deals as (

    select * from {{ ref('fct_deal_outlooks') }}
    where {{ "expected_close_date is not null" if var('forecast_stale_deals') == 'current' else "not is_stale" }}

),

reps as (

    select
        origins.origin_date,
        coalesce(deals.rep, '(none)') as rep,
        sum(deals.weighted_amount) as expected_amount

    from origins
    inner join deals
        on origins.origin_date = deals.origin_date
        and origins.last_month >= {{ period_start('month', 'deals.expected_close_date') }}
        {%- if var('forecast_stale_deals') != 'current' %}
        and origins.first_month <= {{ period_start('month', 'deals.expected_close_date') }}
        {%- endif %}

    group by 1, 2

),

added as (

    select
        origin_date,
        sum(expected_amount) as expected_amount
    from reps
    group by 1

)

select
    origins.origin_date,
    origins.expected_amount,
    added.expected_amount as expected_of_deals
from origins
left join added on origins.origin_date = added.origin_date
where abs(origins.expected_amount - coalesce(added.expected_amount, 0)) > 0.01

union all

select
    origin_date,
    revenue as expected_amount,
    already_won + from_open + created_and_won as expected_of_deals
from {{ ref('pipeline_forecast') }}
where abs(revenue - already_won - from_open - created_and_won) > 0.0001
