{# The open pipeline as it stood at the end of each period and on the as-of date, rebuilt from history. #}
with

versions as (

    select * from {{ ref('int_deal_versions') }}
    where outcome = 'open'

),

snapshot_dates as (

    select calendar_date as snapshot_date
    from {{ ref('dim_dates') }}
    where {{ is_snapshot_day() }}

),

deals as (

    select * from {{ ref('fct_deals') }}
    where
        not is_deleted
        and (is_open or closed_date is not null)

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

snapshots as (

    select
        snapshot_dates.snapshot_date,
        versions.*

    from snapshot_dates
    inner join versions
        on snapshot_dates.snapshot_date >= versions.valid_from_date
        and (versions.valid_to_date is null or snapshot_dates.snapshot_date < versions.valid_to_date)

),

valued as (

    select
        snapshots.*,
        stages.probability,
        {{ converted('snapshots.amount', 'rates.rate') }} as reporting_amount

    from snapshots
    left join stages on lower(snapshots.stage) = stages.stage_key
    left join rates
        on snapshots.currency = rates.currency
        and snapshots.snapshot_date = rates.rate_date

)

select

    ---------- ids
    valued.deal_id,
    deals.account_id,
    valued.rep_id,

    ---------- text
    reps.rep,
    reps.team,
    deals.channel,
    deals.campaign,
    deals.segment,
    deals.region,
    deals.pipeline,
    valued.stage,

    ---------- numerics
    valued.reporting_amount as amount,
    valued.probability,
    {{ product('valued.reporting_amount', 'valued.probability') }} as weighted_amount,
    {{ days_between('deals.created_date', 'valued.snapshot_date') }}
        as age_days,

    ---------- booleans
    coalesce(valued.expected_close_date < valued.snapshot_date, false) as is_stale,

    ---------- dates
    valued.snapshot_date,
    valued.expected_close_date

from valued
inner join deals on valued.deal_id = deals.deal_id
left join reps on valued.rep_id = reps.rep_id
