with

views as (

    select * from {{ ref('stg_content_views') }}
    where {{ reporting_date('viewed_at') }} <= {{ as_of() }} and not is_test

),

leads as (

    select * from {{ ref('fct_leads') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

{# What a person of ours sent, wrote or said to the lead, and what arrived. #}
follow_ups as (

    select
        person_id,
        occurred_at

    from {{ ref('stg_activities') }}

    where is_touch and not is_automated and {{ reporting_date('occurred_at') }} <= {{ as_of() }}

),

{# A new date for a meeting that was asked for before is no new meeting. #}
meeting_requests as (

    select
        person_id,
        requested_at

    from {{ ref('stg_meetings') }}

    where rescheduled_from_id is null and {{ reporting_date('requested_at') }} <= {{ as_of() }}

),

compared as (

    select
        *,
        lag(viewed_at) over (
            partition by person_id, content_type, content_id, is_bot
            order by viewed_at, view_id
        ) as previous_viewed_at

    from views

),

{# Nobody can tell whether two unknown viewers are one. #}
refreshed as (

    select
        *,
        coalesce(
            person_id is not null
            and content_id is not null
            and viewed_at <= {{ dbt.dateadd('second', var('refresh_seconds'), 'previous_viewed_at') }},
            false
        ) as is_refresh

    from compared

),

numbered as (

    select
        *,
        count(case when not is_refresh then 1 end) over (
            partition by person_id, content_type, content_id, is_bot
            order by viewed_at, view_id
        ) as view_number

    from refreshed

),

{# What was watched after a refresh was watched in the one view; watching a part twice is not more. #}
merged as (

    select
        *,
        max(case when watched_seconds > length_seconds then length_seconds else watched_seconds end) over (
            partition by person_id, content_type, content_id, is_bot, view_number
        ) as most_watched_seconds

    from numbered

),

first_follow_ups as (

    select
        views.view_id,
        min(follow_ups.occurred_at) as followed_up_at

    from views
    inner join follow_ups
        on views.person_id = follow_ups.person_id
        and views.viewed_at < follow_ups.occurred_at
        and {{ dbt.dateadd('day', var('follow_up_days'), 'views.viewed_at') }} >= follow_ups.occurred_at

    group by 1

),

first_meetings as (

    select
        views.view_id,
        min(meeting_requests.requested_at) as meeting_requested_at

    from views
    inner join meeting_requests
        on views.person_id = meeting_requests.person_id
        and views.viewed_at < meeting_requests.requested_at
        and {{ dbt.dateadd('day', var('meeting_after_view_days'), 'views.viewed_at') }}
        >= meeting_requests.requested_at

    group by 1

),

{# Whoever was written to, called or asked for a meeting after a view is no longer waiting, however late it was. #}
last_contacts as (

    select
        person_id,
        max(contacted_at) as last_contacted_at

    from (
        select
            person_id,
            occurred_at as contacted_at
        from follow_ups

        union all

        select
            person_id,
            requested_at as contacted_at
        from meeting_requests
    ) as contacts

    group by 1

),

{# Before the first month of known activities nobody knows what was followed up: that is not nothing. The same of
   meetings. #}
first_activity as (

    select {{ period_start('month', reporting_date('min(occurred_at)')) }} as first_month
    from {{ ref('stg_activities') }}
    where {{ reporting_date('occurred_at') }} <= {{ as_of() }}

),

first_meeting as (

    select {{ period_start('month', reporting_date('min(requested_at)')) }} as first_month
    from {{ ref('stg_meetings') }}
    where {{ reporting_date('requested_at') }} <= {{ as_of() }}

),

dated as (

    select
        merged.*,
        coalesce({{ reporting_date('merged.viewed_at') }} >= first_activity.first_month, false) as has_known_activities,
        coalesce({{ reporting_date('merged.viewed_at') }} >= first_meeting.first_month, false) as has_known_meetings,
        first_activity.first_month is not null as has_activities,
        leads.lead_id as known_lead_id,
        leads.rep as lead_rep,
        leads.team as lead_team,
        leads.channel,
        leads.campaign,
        leads.segment,
        leads.region,
        first_follow_ups.followed_up_at,
        first_meetings.meeting_requested_at,
        last_contacts.last_contacted_at,
        {{ reporting_date('merged.viewed_at') }} as viewed_date,
        {{ minutes_between('merged.viewed_at', 'first_follow_ups.followed_up_at') }}
            as follow_up_minutes

    from merged
    cross join first_activity
    cross join first_meeting
    left join leads on merged.person_id = leads.lead_id
    left join first_follow_ups on merged.view_id = first_follow_ups.view_id
    left join first_meetings on merged.view_id = first_meetings.view_id
    left join last_contacts on merged.person_id = last_contacts.person_id

)

select

    ---------- ids
    dated.view_id,
    dated.known_lead_id as lead_id,

    ---------- text
    case when reps.rep_id is null then dated.lead_rep else reps.rep end as rep,
    case when reps.rep_id is null then dated.lead_team else reps.team end as team,
    dated.channel,
    dated.campaign,
    dated.segment,
    dated.region,
    dated.content_type,
    dated.content_id,

    ---------- numerics
    dated.length_seconds,
    {{ amount('dated.most_watched_seconds') }} as watched_seconds,
    dated.follow_up_minutes,

    ---------- booleans
    dated.is_bot,
    dated.is_refresh,
    not dated.is_bot and not dated.is_refresh as is_opened,
    not dated.is_bot
    and not dated.is_refresh
    and not coalesce(dated.content_type = 'video' and dated.most_watched_seconds = 0, false) as is_view,
    {# Who may still follow up has not failed to; nobody can follow up a stranger. #}
    case
        when
            dated.has_known_activities
            and dated.known_lead_id is not null
            and {{ dbt.dateadd('day', var('follow_up_days'), 'dated.viewed_date') }} <= {{ as_of() }}
            then dated.followed_up_at is not null
    end as is_followed_up,
    case
        when dated.has_known_activities and dated.known_lead_id is not null
            then coalesce(dated.follow_up_minutes <= {{ var('prompt_follow_up_minutes') }}, false)
    end as is_followed_up_promptly,
    case
        when
            dated.has_known_meetings
            and dated.known_lead_id is not null
            and {{ dbt.dateadd('day', var('meeting_after_view_days'), 'dated.viewed_date') }} <= {{ as_of() }}
            then dated.meeting_requested_at is not null
    end as led_to_meeting,
    case
        when dated.has_activities and dated.known_lead_id is not null
            then coalesce(dated.last_contacted_at <= dated.viewed_at, true)
    end as awaits_follow_up,

    ---------- dates
    dated.viewed_date,

    ---------- timestamps
    dated.viewed_at,
    dated.followed_up_at,
    dated.meeting_requested_at

from dated
left join reps on dated.rep_id = reps.rep_id
