{{ config(materialized='table') }}

{# The history of each deal as it was known on the as-of date: what it was, from when to when. Three kinds
   of events make it: the deal's creation, the changes that the CRM recorded, and the record as it stands
   today, which is the truth about how the deal ended. #}
with

deals as (

    select * from {{ ref('stg_deals') }}
    where
        {{ reporting_date('created_at') }} <= {{ as_of() }}
        or {{ reporting_date('closed_at') }} <= {{ as_of() }}

),

recorded_changes as (

    select * from {{ ref('stg_deal_changes') }}

),

changes as (

    select
        recorded_changes.*,
        deals.outcome as record_outcome,
        deals.closed_at as record_closed_at,
        {# Knowledge time, not event time: a win of 30 March that was typed in on 2 April is unknown on 31 March. #}
        case
            when {{ reporting_date('recorded_changes.recorded_at') }} > {{ as_of() }} then 0
            when {{ reporting_date('recorded_changes.changed_at') }} > {{ as_of() }} then 0
            else 1
        end as is_known

    from recorded_changes
    inner join deals on recorded_changes.deal_id = deals.deal_id

),

change_summary as (

    select
        deal_id,
        min(case when is_known = 1 then changed_at end) as first_known_at,
        max(changed_at) as last_changed_at,
        max(recorded_at) as last_recorded_at,
        min(is_known) as all_are_known,
        max(case when outcome != record_outcome and changed_at < record_closed_at then changed_at end) as last_other_at,
        count(rep_id) as told_reps,
        count(amount) as told_amounts,
        count(expected_close_date) as told_close_dates

    from changes

    group by 1

),

{# What the changes of a closed deal say of its outcome, in order: of two in one instant, the last
   is that of the record. #}
followed as (

    select
        deal_id,
        outcome,
        record_outcome,
        lag(outcome) over deal as previous_outcome,
        case when lead(outcome) over deal is null then 1 else 0 end as is_last_word,
        changed_at,
        recorded_at

    from changes

    where outcome is not null and record_outcome != 'open'

    window deal as (
        partition by deal_id
        order by changed_at, case when outcome = record_outcome then 1 else 0 end, outcome
    )

),

{# When they began, the last time, to say what the record says: an outcome written down once more is no new one. #}
ended as (

    select
        *,
        max(case when outcome = record_outcome and coalesce(previous_outcome, 'none') != outcome then changed_at end)
            over (partition by deal_id) as ended_at
    from followed

),

{# Where they end with another outcome, they do not tell when the deal was closed. #}
endings as (

    select
        deal_id,
        min(case when is_last_word = 1 then ended_at end) as outcome_told_at,
        min(recorded_at) as first_recorded_at

    from ended

    where outcome = record_outcome and changed_at >= ended_at

    group by 1

),

{# A deal was closed when its record says so, else when its history does. #}
dated as (

    select
        deals.deal_id,
        deals.stage,
        deals.outcome,
        deals.rep_id,
        deals.amount,
        deals.expected_close_date,
        deals.created_at,
        coalesce(deals.closed_at, endings.outcome_told_at) as closed_at,
        endings.first_recorded_at as outcome_recorded_at,
        change_summary.first_known_at,
        change_summary.last_changed_at,
        change_summary.last_recorded_at,
        change_summary.last_other_at,
        coalesce(change_summary.all_are_known, 1) as all_are_known,
        coalesce(change_summary.told_reps, 0) as told_reps,
        coalesce(change_summary.told_amounts, 0) as told_amounts,
        coalesce(change_summary.told_close_dates, 0) as told_close_dates

    from deals
    left join change_summary on deals.deal_id = change_summary.deal_id
    left join endings on deals.deal_id = endings.deal_id

),

{# The record of today counts once it was known: a closed deal when its close was recorded, an open one when
   nothing happened to it after the as-of date. #}
records as (

    select
        *,
        coalesce(closed_at, last_changed_at, created_at) as record_at,
        case
            when closed_at is null then all_are_known
            when {{ reporting_date('closed_at') }} > {{ as_of() }} then 0
            when {{ reporting_date('coalesce(outcome_recorded_at, closed_at)') }} > {{ as_of() }} then 0
            else 1
        end as record_is_known,
        {# The day since which the record of today could be known. Without a history nobody can tell since when
           an open deal has been in its stage. #}
        case
            when closed_at is not null
                then greatest(
                    {{ reporting_date('closed_at') }},
                    {{ reporting_date('created_at') }},
                    {{ reporting_date('coalesce(outcome_recorded_at, closed_at)') }}
                )
            when last_changed_at is null then {{ as_of() }}
            else greatest(
                {{ reporting_date('last_changed_at') }},
                {{ reporting_date('last_recorded_at') }},
                {{ reporting_date('created_at') }}
            )
        end as record_known_date

    from dated

),

{# Once the deal's end is known, what was recorded after it is no news. A stage that was set before the day of the
   close waits for it. #}
counting_changes as (

    select
        changes.*,
        coalesce(
            changes.outcome = changes.record_outcome
            and changes.changed_at < changes.record_closed_at
            and changes.changed_at >= coalesce(records.last_other_at, changes.changed_at),
            false
        ) as is_set_in_advance

    from changes
    inner join records on changes.deal_id = records.deal_id

    where
        changes.is_known = 1
        and (records.record_is_known = 0 or changes.changed_at < records.record_at)

),

events as (

    {# What no change ever tells is as the record has it. #}
    select
        deal_id,
        least(created_at, coalesce(closed_at, created_at), coalesce(first_known_at, created_at)) as event_at,
        0 as step,
        true as is_dated,
        {{ reporting_date('created_at') }} as known_date,
        cast(null as {{ dbt.type_string() }}) as stage,
        'open' as outcome,
        case when told_reps = 0 then rep_id end as rep_id,
        case when told_amounts = 0 then amount end as amount,
        case when told_close_dates = 0 then expected_close_date end as expected_close_date

    from records

    union all

    select
        deal_id,
        changed_at as event_at,
        1 as step,
        true as is_dated,
        greatest({{ reporting_date('changed_at') }}, {{ reporting_date('recorded_at') }}) as known_date,
        case when not is_set_in_advance then stage end as stage,
        case when not is_set_in_advance then outcome end as outcome,
        rep_id,
        amount,
        expected_close_date

    from counting_changes

    union all

    select
        deal_id,
        record_at as event_at,
        2 as step,
        {# Closed, but nobody says when; or open, but nobody says since when in this stage. #}
        case when outcome = 'open' then last_changed_at is not null else closed_at is not null end as is_dated,
        record_known_date as known_date,
        stage,
        outcome,
        rep_id,
        amount,
        expected_close_date

    from records

    where record_is_known = 1

),

{# A change says only what changed: an empty cell carries the last value on, and before the first value the
   deal had what that value found. The record of today is whole: what is empty there is empty. #}
numbered as (

    select
        *,
        row_number() over deal as version_number,
        lead(event_at) over deal as next_event_at,
        count(case when stage is not null or step = 2 then 1 end) over deal as stage_run,
        count(case when rep_id is not null or step = 2 then 1 end) over deal as rep_run,
        count(case when amount is not null or step = 2 then 1 end) over deal as amount_run,
        count(case when expected_close_date is not null or step = 2 then 1 end) over deal as close_run

    from events

    window deal as (
        partition by deal_id
        order by
            event_at, step, case when outcome = 'open' then 0 else 1 end,
            outcome nulls last, amount nulls last, stage nulls last
    )

),

filled as (

    select
        deal_id,
        version_number,
        event_at,
        next_event_at,
        is_dated,
        {# What is known by the as-of date is known, whatever the dates say. #}
        least(known_date, {{ as_of() }}) as known_from_date,
        amount_run,
        rep_run,
        close_run,
        max(stage) over (partition by deal_id, stage_run) as stage,
        max(case when stage is not null or step = 0 then outcome end) over (
            partition by deal_id, stage_run
        ) as outcome,
        max(rep_id) over (partition by deal_id, rep_run) as rep_id,
        max(amount) over (partition by deal_id, amount_run) as amount,
        max(expected_close_date) over (partition by deal_id, close_run) as expected_close_date,
        max(case when amount is not null then known_date end) over (
            partition by deal_id, amount_run
        ) as amount_known_date,
        max(case when expected_close_date is not null then known_date end) over (
            partition by deal_id, close_run
        ) as close_known_date,
        max(case when rep_run = 1 then rep_id end) over (partition by deal_id) as first_rep_id,
        max(case when amount_run = 1 then amount end) over (partition by deal_id) as first_amount,
        max(case when close_run = 1 then expected_close_date end) over (
            partition by deal_id
        ) as first_expected_close_date

    from numbered

),

{# A version that was recorded after the one that followed it was never news. #}
superseded as (

    select
        *,
        min(known_from_date) over (
            partition by deal_id
            order by version_number
            rows between 1 following and unbounded following
        ) as known_to_date

    from filled

)

select
    superseded.deal_id,
    cast(superseded.version_number as integer) as version_number,
    superseded.stage,
    superseded.outcome,
    case when superseded.rep_run = 0 then superseded.first_rep_id else superseded.rep_id end as rep_id,
    cast(
        case when superseded.amount_run = 0 then superseded.first_amount else superseded.amount end
        as {{ amount_type() }}
    ) as amount,
    deals.currency,
    case
        when superseded.close_run = 0 then superseded.first_expected_close_date
        else superseded.expected_close_date
    end as expected_close_date,
    superseded.is_dated,
    superseded.amount_run = 0 as is_amount_told_later,
    superseded.close_run = 0 as is_close_date_told_later,
    {# What was carried on may have been typed in later than what followed it. #}
    superseded.amount_known_date,
    superseded.close_known_date,
    {{ reporting_date('superseded.event_at') }} as valid_from_date,
    {{ reporting_date('superseded.next_event_at') }} as valid_to_date,
    superseded.event_at as valid_from,
    superseded.next_event_at as valid_to,
    superseded.known_from_date,
    superseded.known_to_date

from superseded
inner join deals on superseded.deal_id = deals.deal_id
