{# What happened to each deal while it was in the pipeline, each at the rate of its day; and, in between, each day
   that the pipeline is looked at, because the rates may have moved by then although nothing happened. #}
with

deals as {{ not_kept() }} (

    select * from {{ ref('fct_deals') }}
    where
        not is_deleted
        and (is_open or closed_date is not null)

),

versions as (

    select * from {{ ref('int_deal_versions') }}

),

snapshots as (

    select * from {{ ref('fct_deal_snapshots') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

followed as (

    select
        *,
        lead(outcome) over (partition by deal_id order by version_number) as next_outcome
    from versions

),

{# What is replaced in the same instant has not been: a deal enters with the first amount and stage that lasted. Nor has
   an outcome that is put right on the same day. #}
lasting as (

    select * from followed
    where
        next_outcome is null
        or (outcome = 'open' and next_outcome != 'open')
        or (outcome != 'open' and next_outcome = 'open')
        or (outcome = 'open' and valid_from != valid_to)
        or (outcome != 'open' and valid_from_date != valid_to_date)

),

compared as (

    select
        *,
        lag(outcome) over deal as previous_outcome,
        lag(amount) over deal as previous_amount,
        lag(stage) over deal as previous_stage,
        lag(expected_close_date) over deal as previous_expected_close_date

    from lasting

    window deal as (partition by deal_id order by version_number)

),

{# A deal leaves from the last stage it was in. What is lost is what there was to lose: many a CRM sets the amount to 0
   with the loss. The reason of a loss has no history: that of today is about the last loss. An outcome that is put right
   on a later day had come true until then: the deal leaves a second time, and was not open in between. #}
happened as (

    select
        compared.deal_id,
        compared.version_number,
        compared.valid_from_date as event_date,
        compared.currency,
        case
            when compared.outcome = 'open' and compared.previous_outcome is null then 'created'
            when compared.outcome = 'open' and compared.previous_outcome != 'open' then 'reopened'
            when compared.outcome = 'open' then 'changed'
            when compared.outcome = 'invalid' or (compared.valid_to is null and deals.is_invalid) then 'deleted'
            else compared.outcome
        end as kind,
        coalesce(compared.previous_outcome = 'open', false) as was_open,
        compared.outcome = 'open' as is_open,
        compared.previous_amount as previous_native_amount,
        case
            when compared.outcome in ('open', 'won') then compared.amount
            else coalesce(compared.previous_amount, compared.amount)
        end as native_amount,
        case when compared.outcome = 'open' then compared.stage else compared.previous_stage end as stage,
        compared.rep_id,
        deals.channel,
        deals.campaign,
        deals.segment,
        deals.region,
        deals.pipeline,
        compared.previous_expected_close_date,
        compared.expected_close_date

    from compared
    inner join deals on compared.deal_id = deals.deal_id

    where
        compared.outcome = 'open'
        or compared.outcome != compared.previous_outcome

),

points as (

    select
        deal_id,
        version_number,
        event_date,
        0 as is_look
    from happened

    union all

    select
        snapshots.deal_id,
        cast(null as integer) as version_number,
        snapshots.snapshot_date as event_date,
        1 as is_look
    from snapshots
    inner join deals on snapshots.deal_id = deals.deal_id

),

numbered as (

    select
        deal_id,
        event_date,
        is_look,
        row_number() over deal as event_number,
        max(version_number) over deal as last_version_number,
        lag(event_date) over deal as previous_event_date

    from points

    window deal as (partition by deal_id order by event_date, is_look, version_number)

),

{# A day that it is only looked at finds what the last event left. #}
found as (

    select
        numbered.deal_id,
        numbered.event_number,
        numbered.event_date,
        numbered.previous_event_date,
        happened.currency,
        case when numbered.is_look = 1 then 'looked at' else happened.kind end as kind,
        numbered.is_look = 1 or happened.was_open as was_open,
        numbered.is_look = 1 or happened.is_open as is_open,
        happened.native_amount,
        case
            when numbered.is_look = 1 then happened.native_amount
            else happened.previous_native_amount
        end as previous_native_amount,
        happened.stage,
        happened.rep_id,
        happened.channel,
        happened.campaign,
        happened.segment,
        happened.region,
        happened.pipeline,
        happened.expected_close_date,
        case
            when numbered.is_look = 1 then happened.expected_close_date
            else happened.previous_expected_close_date
        end as previous_expected_close_date

    from numbered
    left join happened
        on numbered.deal_id = happened.deal_id
        and numbered.last_version_number = happened.version_number

),

{# What a deal was worth just before, at the rate of the day and at that of the event or look before. #}
valued as (

    select
        found.*,
        {{ converted('found.native_amount', 'rates.rate') }} as amount,
        case
            when found.was_open
                then coalesce({{ converted('found.previous_native_amount', 'rates.rate') }}, 0)
            else 0
        end as previous_amount,
        case
            when found.was_open
                then coalesce({{ converted('found.previous_native_amount', 'previous_rates.rate') }}, 0)
            else 0
        end as carried_amount

    from found
    left join rates
        on found.currency = rates.currency
        and found.event_date = rates.rate_date
    left join rates as previous_rates
        on found.currency = previous_rates.currency
        and found.previous_event_date = previous_rates.rate_date

)

select

    ---------- ids
    valued.deal_id,
    valued.rep_id,

    ---------- text
    valued.kind,
    reps.rep,
    reps.team,
    valued.channel,
    valued.campaign,
    valued.segment,
    valued.region,
    valued.pipeline,
    valued.stage,

    ---------- numerics
    cast(valued.event_number as integer) as event_number,
    valued.amount,
    {{ amount('valued.previous_amount') }} as previous_amount,
    {{ amount('case when valued.was_open then coalesce(valued.amount, 0) - valued.previous_amount else 0 end') }}
        as revalued_amount,
    {{ amount('valued.previous_amount - valued.carried_amount') }} as exchange_amount,

    ---------- booleans
    valued.was_open,
    valued.is_open,

    ---------- dates
    valued.event_date,
    valued.previous_expected_close_date,
    valued.expected_close_date

from valued
left join reps on valued.rep_id = reps.rep_id
