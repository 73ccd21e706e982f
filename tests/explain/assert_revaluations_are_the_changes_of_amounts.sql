{# The second, independent way to the revaluations: each version of an open deal that says another amount than the one
   before, at the rate of its day, straight from the history; and what deals were worth when they were won or lost
   for good is what the deals themselves say. #}
with

deals as (

    select * from {{ ref('fct_deals') }}
    where
        not is_deleted
        and (is_open or closed_date is not null)

),

versions as (

    select * from {{ ref('int_deal_versions') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

),

changes as (

    select
        deal_id,
        valid_from,
        valid_from_date,
        currency,
        amount,
        lag(amount) over (partition by deal_id order by version_number) as previous_amount,
        lag(valid_from) over (partition by deal_id order by version_number) as previous_from,
        lag(outcome) over (partition by deal_id order by version_number) as previous_outcome,
        outcome

    from versions

),

{# A change in the very instant in which the deal entered is no change, it is what it entered with. #}
changed as (

    select
        changes.deal_id,
        {{ period_start('month', 'changes.valid_from_date') }} as period_start,
        coalesce({{ amount('changes.amount * rates.rate') }}, 0)
        - coalesce({{ amount('changes.previous_amount * rates.rate') }}, 0) as revalued

    from changes
    inner join deals on changes.deal_id = deals.deal_id
    left join rates
        on changes.currency = rates.currency
        and changes.valid_from_date = rates.rate_date

    where
        changes.previous_outcome = 'open'
        and not (changes.outcome = 'open' and changes.valid_from = changes.previous_from)

),

expected as (

    select
        deal_id,
        period_start,
        'revalued' as measure,
        sum(revalued) as expected_amount
    from changed
    group by 1, 2

    union all

    select
        deal_id,
        {{ period_start('month', 'closed_date') }} as period_start,
        case when is_won then 'won' when is_invalid then 'deleted' else 'lost' end as measure,
        coalesce(amount, 0) as expected_amount
    from deals
    where not is_open

),

waterfall as (

    select * from {{ ref('pipeline_waterfall_deals') }}
    where
        scope = 'pipeline'
        and period_grain = 'month'

)

select
    coalesce(waterfall.deal_id, expected.deal_id) as deal_id,
    coalesce(waterfall.period_start, expected.period_start) as period_start,
    coalesce(expected.measure, 'revalued') as measure,
    expected.expected_amount,
    waterfall.revalued,
    waterfall.won,
    waterfall.lost,
    waterfall.deleted

from waterfall
full outer join expected
    on waterfall.deal_id = expected.deal_id
    and waterfall.period_start = expected.period_start

where
    waterfall.deal_id is null
    or (expected.measure is null and waterfall.revalued != 0)
    or (expected.measure = 'revalued' and waterfall.revalued != expected.expected_amount)
    or (expected.measure = 'won' and waterfall.won < expected.expected_amount)
    or (expected.measure = 'lost' and waterfall.lost < expected.expected_amount)
    or (expected.measure = 'deleted' and waterfall.deleted < expected.expected_amount)
