{{ config(materialized='table') }}

{# A meeting that was moved is one meeting: the invitation and all that replaced it, under the id of the
   first. Each step looks twice as far back as the one before, so that five of them find the root of 32 moves.
   #}
{% set steps = 5 %}
with

meetings as (

    select
        *,
        {# What was not known on the as-of date: an answer that came later, and how a later meeting went. #}
        case
            when response in ('accepted', 'declined') and {{ reporting_date('responded_at') }} > {{ as_of() }}
                then 'pending'
            else response
        end as known_response,
        case
            when final_status in ('held', 'no_show') and {{ reporting_date('scheduled_for') }} > {{ as_of() }}
                then 'scheduled'
            else final_status
        end as known_status

    from {{ ref('stg_meetings') }}

    where {{ reporting_date('requested_at') }} <= {{ as_of() }}

),

step_0 as (

    select
        meetings.meeting_id,
        coalesce(moved.meeting_id, meetings.meeting_id) as ancestor_id,
        case when moved.meeting_id is null then 0 else 1 end as moves

    from meetings
    left join meetings as moved on meetings.rescheduled_from_id = moved.meeting_id

),
{%- for step in range(1, steps + 1) %}

step_{{ step }} as (

    select
        nearer.meeting_id,
        further.ancestor_id,
        nearer.moves + further.moves as moves

    from step_{{ step - 1 }} as nearer
    inner join step_{{ step - 1 }} as further on nearer.ancestor_id = further.meeting_id

),
{%- endfor %}

{# Meetings that are said to replace one another in a circle have no first: each is one of its own. #}
rooted as (

    select
        nearer.meeting_id,
        case when further.moves = 0 then nearer.ancestor_id else nearer.meeting_id end as root_id,
        case when further.moves = 0 then nearer.moves else 0 end as moves

    from step_{{ steps }} as nearer
    inner join step_0 as further on nearer.ancestor_id = further.meeting_id

),

links as (

    select
        rooted.root_id,
        meetings.*,
        row_number() over (
            partition by rooted.root_id
            order by rooted.moves, meetings.requested_at, meetings.meeting_id
        ) as place,
        row_number() over (
            partition by rooted.root_id
            order by rooted.moves desc, meetings.requested_at desc, meetings.meeting_id desc
        ) as place_from_last,
        case when meetings.known_response in ('accepted', 'declined') then 1 else 0 end as is_answered

    from rooted
    inner join meetings on rooted.meeting_id = meetings.meeting_id

),

answered as (

    select
        *,
        row_number() over (partition by root_id, is_answered order by place) as answer_place
    from links

),

chains as (

    select
        root_id,
        count(*) - 1 as move_count,
        max(case when is_answered = 1 and answer_place = 1 then known_response end) as first_response,
        max(case when is_answered = 1 and answer_place = 1 then coalesce(responded_at, requested_at) end)
            as responded_at,
        max(case when place_from_last = 1 then known_response end) as last_response,
        max(case when place_from_last = 1 then known_status end) as last_status,
        max(case when place_from_last = 1 then requested_at end) as last_requested_at,
        max(case when place_from_last = 1 then scheduled_for end) as scheduled_for

    from answered

    group by 1

)

select

    ---------- ids
    meetings.meeting_id,
    meetings.person_id,
    meetings.deal_id,
    meetings.rep_id,

    ---------- text
    {# The first answer decides whether a meeting was accepted; without one, what became of the last
       invitation. #}
    case
        when chains.first_response is not null then chains.first_response
        when chains.last_response in ('withdrawn', 'expired') then chains.last_response
        when
            {{ days_between(reporting_date('chains.last_requested_at'), as_of()) }}
            >= {{ var('meeting_expiry_days') }}
            then 'expired'
        else 'pending'
    end as response,
    case
        when chains.last_response = 'declined' then 'declined'
        when chains.last_status in ('held', 'no_show', 'canceled', 'rescheduled', 'scheduled')
            then chains.last_status
    end as last_status,

    ---------- numerics
    cast(chains.move_count as integer) as move_count,

    ---------- timestamps
    meetings.requested_at,
    chains.responded_at,
    chains.scheduled_for

from chains
inner join meetings on chains.root_id = meetings.meeting_id
