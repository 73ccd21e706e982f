{# The second, independent way to the revaluations: each version of an open deal that says another amount than the one
   before, and the win, at the rate of its day, straight from the history. What leaves is compared too: a loss with the
   last amount before it, a win that did not last with what the history says, one that did with the won deal itself.
   By the first kind of period of var kpi_periods. #}
{% set grain = var('kpi_periods') | first %}
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

followed as (

    select
        *,
        lead(outcome) over deal as next_outcome,
        lead(valid_from) over deal as next_from,
        lead(valid_from_date) over deal as next_date,
        max(case when outcome != 'won' then version_number end) over (partition by deal_id) as last_unwon_version

    from versions

    window deal as (partition by deal_id order by version_number)

),

{# A history may write one change as several rows of the same instant, and an outcome and its correction on the same
   day: the last of them is what happened. #}
lasting as (

    select * from followed
    where not coalesce(
        (outcome = 'open' and next_outcome = 'open' and valid_from = next_from)
        or (outcome != 'open' and next_outcome != 'open' and valid_from_date = next_date),
        false
    )

),

changes as (

    select
        deal_id,
        valid_from_date,
        currency,
        amount,
        outcome,
        version_number < last_unwon_version as is_taken_back,
        lag(amount) over deal as previous_amount,
        lag(outcome) over deal as previous_outcome

    from lasting

    window deal as (partition by deal_id order by version_number)

),

changed as (

    select
        changes.deal_id,
        {{ period_start(grain, 'changes.valid_from_date') }} as period_start,
        case
            when changes.previous_outcome != 'open' then 0
            when changes.outcome in ('open', 'won') or changes.previous_amount is null
                then
                    coalesce({{ amount('changes.amount * rates.rate') }}, 0)
                    - coalesce({{ amount('changes.previous_amount * rates.rate') }}, 0)
            else 0
        end as revalued,
        case
            when changes.outcome in ('open', 'won') then 0
            else coalesce({{ amount('coalesce(changes.previous_amount, changes.amount) * rates.rate') }}, 0)
        end as lost,
        case
            when changes.outcome = 'won' and changes.is_taken_back
                then coalesce({{ amount('changes.amount * rates.rate') }}, 0)
            else 0
        end as won

    from changes
    inner join deals on changes.deal_id = deals.deal_id
    left join rates
        on changes.currency = rates.currency
        and changes.valid_from_date = rates.rate_date

    where
        changes.previous_outcome = 'open'
        or changes.previous_outcome != changes.outcome

),

measured as (

    select
        deal_id,
        period_start,
        revalued,
        lost,
        won
    from changed

    union all

    select
        deal_id,
        {{ period_start(grain, 'closed_date') }} as period_start,
        0 as revalued,
        0 as lost,
        coalesce(amount, 0) as won
    from deals
    where is_won

),

expected as (

    select
        deal_id,
        period_start,
        sum(revalued) as revalued,
        sum(lost) as lost,
        sum(won) as won
    from measured
    group by 1, 2

),

waterfall as (

    select * from {{ ref('pipeline_waterfall_deals') }}
    where
        scope = 'pipeline'
        and period_grain = '{{ grain }}'

)

select
    coalesce(waterfall.deal_id, expected.deal_id) as deal_id,
    coalesce(waterfall.period_start, expected.period_start) as period_start,
    expected.revalued as expected_revalued,
    expected.lost as expected_lost,
    expected.won as expected_won,
    waterfall.revalued,
    waterfall.lost,
    waterfall.deleted,
    waterfall.won

from waterfall
full outer join expected
    on waterfall.deal_id = expected.deal_id
    and waterfall.period_start = expected.period_start

where
    waterfall.deal_id is null
    or waterfall.revalued != coalesce(expected.revalued, 0)
    or waterfall.lost + waterfall.deleted != coalesce(expected.lost, 0)
    or waterfall.won != coalesce(expected.won, 0)
