{# What happened to each deal while it was in the pipeline, each at the rate of its day; and, in between, each day
   that the pipeline is looked at, because the rates may have moved by then although nothing happened. #}
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

{# What is replaced in the same instant has not been: a deal enters with the first amount and stage that lasted. #}
lasting as (

    select * from followed
    where
        outcome != 'open'
        or next_outcome is null
        or next_outcome != 'open'
        or valid_from != valid_to

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

{# A deal leaves from the last stage it was open in. What is lost is what there was to lose: many a CRM sets the
   amount to 0 with the loss. The reason of a loss has no history: that of today is about the last loss. #}
points as (

    select
        compared.deal_id,
        compared.version_number,
        compared.valid_from_date as event_date,
        0 as is_look,
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
        compared.previous_expected_close_date,
        compared.expected_close_date

    from compared
    inner join deals on compared.deal_id = deals.deal_id

    where
        compared.outcome = 'open'
        or compared.previous_outcome = 'open'

    union all

    select
        snapshots.deal_id,
        cast(null as integer) as version_number,
        snapshots.snapshot_date as event_date,
        1 as is_look,
        deals.currency,
        'looked at' as kind,
        true as was_open,
        true as is_open,
        cast(null as {{ amount_type() }}) as previous_native_amount,
        cast(null as {{ amount_type() }}) as native_amount,
        cast(null as {{ dbt.type_string() }}) as stage,
        cast(null as {{ dbt.type_string() }}) as rep_id,
        cast(null as date) as previous_expected_close_date,
        cast(null as date) as expected_close_date

    from snapshots
    inner join deals on snapshots.deal_id = deals.deal_id

),

numbered as (

    select
        *,
        row_number() over deal as event_number,
        count(version_number) over deal as event_run

    from points

    window deal as (partition by deal_id order by event_date, is_look, version_number)

),

{# A day that it is only looked at finds what the last event left. #}
filled as (

    select
        deal_id,
        event_number,
        event_date,
        is_look,
        currency,
        kind,
        was_open,
        is_open,
        max(native_amount) over (partition by deal_id, event_run) as native_amount,
        case
            when is_look = 0 then previous_native_amount
            else max(native_amount) over (partition by deal_id, event_run)
        end as previous_native_amount,
        max(stage) over (partition by deal_id, event_run) as stage,
        max(rep_id) over (partition by deal_id, event_run) as rep_id,
        max(expected_close_date) over (partition by deal_id, event_run) as expected_close_date,
        case
            when is_look = 0 then previous_expected_close_date
            else max(expected_close_date) over (partition by deal_id, event_run)
        end as previous_expected_close_date

    from numbered

),

valued as (

    select
        filled.*,
        {{ converted('filled.native_amount', 'rates.rate') }} as amount,
        case
            when filled.was_open
                then coalesce({{ converted('filled.previous_native_amount', 'rates.rate') }}, 0)
            else 0
        end as previous_amount

    from filled
    left join rates
        on filled.currency = rates.currency
        and filled.event_date = rates.rate_date

),

carried as (

    select
        *,
        coalesce(
            lag(case when is_open then coalesce(amount, 0) end) over (partition by deal_id order by event_number),
            0
        ) as carried_amount
    from valued

)

select

    ---------- ids
    carried.deal_id,
    carried.rep_id,

    ---------- text
    carried.kind,
    reps.rep,
    reps.team,
    deals.channel,
    deals.campaign,
    deals.segment,
    deals.region,
    deals.pipeline,
    carried.stage,

    ---------- numerics
    cast(carried.event_number as integer) as event_number,
    carried.amount,
    {{ amount('carried.previous_amount') }} as previous_amount,
    {{ amount('case when carried.was_open then coalesce(carried.amount, 0) - carried.previous_amount else 0 end') }}
        as revalued_amount,
    {{ amount('carried.previous_amount - carried.carried_amount') }} as exchange_amount,

    ---------- booleans
    carried.was_open,
    carried.is_open,

    ---------- dates
    carried.event_date,
    carried.previous_expected_close_date,
    carried.expected_close_date

from carried
inner join deals on carried.deal_id = deals.deal_id
left join reps on carried.rep_id = reps.rep_id
