{# The open pipeline as it was known at the end of each period and on the as-of date, what was then to be expected of
   each deal, and what became of it. Not to be mixed with fct_deal_snapshots, which says how those days look today. #}
with

{# Since when a deal is in its stage: the first time that it was, as far as that was known. #}
versions as (

    select
        *,
        min(case when is_dated then valid_from_date end) over (
            partition by deal_id, stage
            order by known_from_date nulls last
        ) as stage_entered_date
    from {{ ref('int_deal_versions') }}
    where outcome = 'open'

),

origins as (

    select calendar_date as origin_date
    from {{ ref('dim_dates') }}
    where {{ is_snapshot_day() }}

),

deals as (

    select * from {{ ref('fct_deals') }}
    where
        not is_deleted
        and (is_open or closed_date is not null)

),

probabilities as (

    select * from {{ ref('dim_stage_probabilities') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

stages as (

    select * from {{ ref('stg_stages') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

),

{# What was only told later was not known then. #}
known as (

    select
        origins.origin_date,
        versions.deal_id,
        versions.rep_id,
        versions.stage,
        versions.stage_entered_date,
        versions.currency,
        case
            when not versions.is_amount_told_later and versions.amount_known_date <= origins.origin_date
                then versions.amount
        end as amount,
        case
            when not versions.is_close_date_told_later and versions.close_known_date <= origins.origin_date
                then versions.expected_close_date
        end as expected_close_date

    from origins
    inner join versions
        on origins.origin_date >= versions.known_from_date
        and (versions.known_to_date is null or origins.origin_date < versions.known_to_date)

),

valued as (

    select
        known.*,
        deals.channel,
        deals.campaign,
        deals.segment,
        deals.region,
        deals.pipeline,
        {{ converted('known.amount', 'rates.rate') }} as reporting_amount,
        {{ days_between('known.stage_entered_date', 'known.origin_date') }} as stage_age_days,
        probabilities.win_probability,
        probabilities.win_rate_in_time,
        probabilities.overall_win_rate,
        stages.probability as vocabulary_probability,
        case
            when deals.is_won then 'won'
            when deals.is_lost then 'lost'
            when deals.is_invalid then 'invalid'
            else 'open'
        end as final_outcome,
        deals.closed_date

    from known
    inner join deals on known.deal_id = deals.deal_id
    left join probabilities
        on known.origin_date = probabilities.origin_date
        and coalesce(known.stage, '(none)') = probabilities.stage
    left join stages on lower(known.stage) = stages.stage_key
    left join rates
        on known.currency = rates.currency
        and known.origin_date = rates.rate_date

)

select

    ---------- ids
    valued.deal_id,
    valued.rep_id,

    ---------- text
    reps.rep,
    reps.team,
    valued.channel,
    valued.campaign,
    valued.segment,
    valued.region,
    valued.pipeline,
    valued.stage,
    valued.final_outcome,

    ---------- numerics
    valued.reporting_amount as amount,
    valued.win_probability,
    valued.win_rate_in_time,
    valued.overall_win_rate,
    valued.vocabulary_probability,
    valued.stage_age_days,
    {{ product('valued.reporting_amount', 'valued.win_probability') }} as weighted_amount,
    {# Who has been in the stage for longer than that will not be won in time any more. #}
    {{ product(
        'valued.reporting_amount',
        'case when valued.stage_age_days <= ' ~ var('stage_win_days')
        ~ ' then valued.win_rate_in_time when valued.stage_age_days is not null then 0 end'
    ) }} as weighted_in_time_amount,
    {{ product('valued.reporting_amount', 'valued.vocabulary_probability') }} as vocabulary_weighted_amount,

    ---------- booleans
    coalesce(valued.expected_close_date < valued.origin_date, false) as is_stale,
    valued.origin_date = {{ as_of() }} as is_latest,

    ---------- dates
    valued.origin_date,
    valued.expected_close_date,
    valued.closed_date

from valued
left join reps on valued.rep_id = reps.rep_id
