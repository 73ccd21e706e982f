{{ config(materialized='table') }}

{# How long a qualified lead who contacted us waited for a person. Several contacts before an answer are one
   wait, which began with the first of them. #}
with

activities as {{ not_kept() }} (

    select * from {{ ref('stg_activities') }}
    where
        person_id is not null
        and {{ reporting_date('occurred_at') }} <= {{ as_of() }}

),

pursued as (

    select * from {{ ref('int_leads_pursued') }}

),

meetings as (

    select * from {{ ref('int_meeting_chains') }}
    where response = 'accepted' and person_id is not null

),

events as (

    {# Qualified at the contact, or in it: before the call was over. #}
    select
        activities.person_id,
        activities.occurred_at as event_at,
        activities.activity_id as event_id,
        activities.rep_id,
        1 as is_inbound,
        0 as is_answer,
        cast(null as {{ dbt.type_timestamp() }}) as captured_at

    from activities
    inner join pursued on activities.person_id = pursued.lead_id

    where
        activities.is_inbound_contact
        and {{ seconds_between('activities.occurred_at', 'pursued.qualified_at') }}
        <= coalesce(activities.duration_seconds, 0)

    union all

    select
        person_id,
        occurred_at as event_at,
        activity_id as event_id,
        rep_id,
        0 as is_inbound,
        1 as is_answer,
        case when is_two_way then occurred_at end as captured_at

    from activities

    where is_human_response

    union all

    select
        person_id,
        responded_at as event_at,
        meeting_id as event_id,
        rep_id,
        0 as is_inbound,
        0 as is_answer,
        responded_at as captured_at

    from meetings

),

{# An answer ends the wait of all contacts since the answer before it; one in the same second ends it too. #}
counted as (

    select
        *,
        sum(is_answer) over (
            partition by person_id
            order by event_at, is_answer, event_id
            rows between unbounded preceding and current row
        ) - is_answer as answers_before,
        min(captured_at) over (
            partition by person_id
            order by event_at, is_answer, event_id
            rows between current row and unbounded following
        ) as next_captured_at

    from events

),

placed as (

    select
        *,
        row_number() over (
            partition by person_id, answers_before, is_inbound
            order by event_at, event_id
        ) as place

    from counted

),

waits as (

    select
        person_id,
        answers_before,
        max(case when is_inbound = 1 and place = 1 then event_id end) as activity_id,
        max(case when is_inbound = 1 and place = 1 then rep_id end) as rep_id,
        min(case when is_inbound = 1 then event_at end) as inbound_at,
        min(case when is_answer = 1 then event_at end) as responded_at,
        min(case when is_inbound = 1 then next_captured_at end) as next_captured_at,
        sum(is_inbound) as inbound_count

    from placed

    group by 1, 2

    having sum(is_inbound) > 0

),

{# A lead who writes again after an answer has been reached: from then on it goes both ways. #}
followed as (

    select
        *,
        lead(inbound_at) over (partition by person_id order by answers_before) as next_inbound_at
    from waits

)

select
    activity_id,
    person_id,
    rep_id,
    cast(inbound_count as integer) as inbound_count,
    inbound_at,
    responded_at,
    case
        when next_captured_at is null or next_inbound_at < next_captured_at then next_inbound_at
        else next_captured_at
    end as captured_at

from followed
