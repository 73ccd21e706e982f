with

meetings as (

    select * from {{ ref('int_meeting_chains') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

deals as (

    select * from {{ ref('fct_deals') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

{# Where no meeting has an answer, or none has an outcome, nobody records them: that is not nothing. #}
known_words as (

    select
        count(case when response != 'pending' then 1 end) > 0 as has_responses,
        count(case when final_status in ('held', 'no_show') then 1 end) > 0 as has_outcomes
    from {{ ref('stg_meetings') }}

),

{# A deal that was there before the meeting did not come of it. #}
latest_deals as (

    select
        lead_id,
        max(created_date) as last_deal_date
    from deals
    where lead_id is not null and not is_deleted
    group by 1

),

joined as (

    select
        meetings.*,
        known_words.has_responses,
        known_words.has_outcomes,
        leads.lead_id,
        deals.deal_id as known_deal_id,
        reps.rep_id as known_rep_id,
        reps.rep,
        reps.team,
        coalesce(leads.channel, deals.channel) as channel,
        coalesce(leads.campaign, deals.campaign) as campaign,
        coalesce(leads.segment, deals.segment) as segment,
        coalesce(leads.region, deals.region) as region,
        coalesce(leads.became_customer, false) as became_customer,
        {{ reporting_date('meetings.requested_at') }} as requested_date,
        {{ reporting_date('meetings.scheduled_for') }} as scheduled_date,
        {# To win somebody who had bought before the meeting was asked for, no meeting was needed. #}
        leads.lead_id is not null
        and coalesce(leads.customer_date >= {{ reporting_date('meetings.requested_at') }}, true)
            as is_of_prospect,
        coalesce(latest_deals.last_deal_date >= {{ reporting_date('meetings.requested_at') }}, false) as led_to_deal

    from meetings
    cross join known_words
    left join leads on meetings.person_id = leads.lead_id
    left join latest_deals on meetings.person_id = latest_deals.lead_id
    left join deals on meetings.deal_id = deals.deal_id
    left join reps on meetings.rep_id = reps.rep_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by lead_id, response, is_of_prospect
            order by requested_at, meeting_id
        ) as place

    from joined

)

select

    ---------- ids
    meeting_id,
    lead_id,
    known_deal_id as deal_id,
    known_rep_id as rep_id,

    ---------- text
    rep,
    team,
    channel,
    campaign,
    segment,
    region,
    response,
    case when response = 'accepted' then last_status end as final_status,

    ---------- numerics
    move_count,

    ---------- booleans
    response = 'accepted' as is_accepted,
    response = 'declined' as is_declined,
    response = 'expired' as is_expired,
    response = 'pending' as is_pending,
    response = 'withdrawn' as is_withdrawn,
    response in ('accepted', 'declined') as is_replied,
    case when has_responses then response in ('accepted', 'declined', 'expired') end as is_decided,
    {# Whether it took place is known, or should be. #}
    case
        when has_outcomes
            then response = 'accepted' and coalesce(
                last_status in ('held', 'no_show', 'canceled', 'declined') or scheduled_date <= {{ as_of() }},
                false
            )
    end as is_due,
    case when has_outcomes then response = 'accepted' and coalesce(last_status = 'held', false) end as is_held,
    response = 'accepted' and is_of_prospect and place = 1 as is_first_accepted,
    response = 'declined' and is_of_prospect and place = 1 as is_first_declined,
    became_customer,
    led_to_deal,

    ---------- dates
    requested_date,
    scheduled_date,

    ---------- timestamps
    requested_at,
    responded_at,
    scheduled_for

from ranked
