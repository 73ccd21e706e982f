{{ config(materialized='table') }}

with

accepted as (

    select * from {{ ref('stg_meetings__checked') }}
    where rejection_code is null

),

lead_people as (

    select
        lead_id,
        person_id
    from {{ ref('stg_leads') }}

),

deals as (

    select
        stg_deals.deal_id,
        lead_people.person_id

    from {{ ref('stg_deals') }} as stg_deals
    left join lead_people on stg_deals.lead_id = lead_people.lead_id

),

cleaned as (

    select
        accepted.meeting_id,
        accepted.rescheduled_from_id,
        accepted.lead_id,
        coalesce(lead_people.person_id, deals.person_id) as person_id,
        accepted.deal_id,
        accepted.rep_id,
        {{ grouped_word('accepted.response', {
            'accepted': ['accepted', 'accept', 'yes', 'confirmed'],
            'declined': ['declined', 'decline', 'no', 'declined by lead', 'rejected'],
            'expired': ['expired', 'no reply', 'noreply', 'no response'],
            'pending': ['pending', 'sent', 'maybe', 'tentative', 'needs action', 'not responded', 'none'],
            'withdrawn': ['withdrawn', 'declined by org', 'revoked'],
        }) }} as response,
        {{ grouped_word('accepted.final_status', {
            'held': ['held', 'completed', 'complete', 'attended', 'done'],
            'no_show': ['no show', 'noshow', 'missed'],
            'canceled': ['canceled', 'cancelled'],
            'rescheduled': ['rescheduled', 'moved'],
            'scheduled': ['scheduled', 'upcoming', 'booked'],
        }) }} as final_status,
        accepted.requested_at,
        accepted.responded_at,
        accepted.scheduled_for

    from accepted
    left join lead_people on accepted.lead_id = lead_people.lead_id
    left join deals on accepted.deal_id = deals.deal_id

)

select

    ---------- ids
    meeting_id,
    case when rescheduled_from_id != meeting_id then rescheduled_from_id end as rescheduled_from_id,
    lead_id,
    person_id,
    deal_id,
    rep_id,

    ---------- text
    {# Where nobody recorded the answer, a meeting that took place, or was missed, had been accepted; one that
       was canceled before any answer was withdrawn. #}
    case
        when response in ('accepted', 'declined', 'expired', 'withdrawn') then response
        when final_status in ('held', 'no_show') then 'accepted'
        when final_status = 'canceled' then 'withdrawn'
        else 'pending'
    end as response,
    final_status,

    ---------- timestamps
    requested_at,
    {# An answer cannot come before the question. #}
    case when responded_at < requested_at then requested_at else responded_at end as responded_at,
    scheduled_for

from cleaned
