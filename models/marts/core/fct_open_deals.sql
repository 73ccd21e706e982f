{# What a forecast of the pipeline may know: the deals that were open as far as anybody knew at the end of a month
   (and on the as-of date), in the stage, worth and due as they were then said to be. fct_deal_snapshots is what
   is known of the same days today. #}
with

versions as (

    select * from {{ ref('int_deal_versions') }}
    where
        outcome = 'open'
        and (known_to_date is null or known_from_date < known_to_date)

),

ends as (

    select
        calendar_date as origin_date,
        row_number() over (order by calendar_date desc) as place

    from {{ ref('dim_dates') }}

    where calendar_date = {{ as_of() }} or (is_month_end and is_past)

),

origins as (

    select origin_date
    from ends
    where place <= {{ var('forecast_origins') }} + 1

),

deals as (

    select * from {{ ref('fct_deals') }}
    where not is_deleted

),

reps as (

    select * from {{ ref('dim_reps') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

),

probabilities as (

    select * from {{ ref('dim_stage_probabilities') }}

),

known as (

    select
        origins.origin_date,
        versions.deal_id,
        versions.rep_id,
        versions.stage,
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

)

select

    ---------- ids
    known.deal_id,
    known.rep_id,

    ---------- text
    reps.rep,
    reps.team,
    deals.channel,
    deals.campaign,
    deals.segment,
    deals.region,
    known.stage,

    ---------- numerics
    {{ amount('known.amount * rates.rate') }} as amount,
    coalesce(stage_probabilities.win_probability, any_probabilities.win_probability) as win_probability,
    {{ amount(
        'known.amount * rates.rate'
        ~ ' * coalesce(stage_probabilities.win_probability, any_probabilities.win_probability)'
    ) }} as expected_amount,

    ---------- booleans
    coalesce(known.expected_close_date < known.origin_date, false) as is_stale,

    ---------- dates
    known.origin_date,
    known.expected_close_date

from known
inner join deals on known.deal_id = deals.deal_id
left join reps on known.rep_id = reps.rep_id
left join rates
    on known.currency = rates.currency
    and known.origin_date = rates.rate_date
left join probabilities as stage_probabilities
    on known.stage = stage_probabilities.stage
    and known.origin_date = stage_probabilities.origin_date
left join probabilities as any_probabilities
    on known.origin_date = any_probabilities.origin_date
    and any_probabilities.stage = '(none)'
