{{ config(materialized='table') }}

{% set contact_types = "'" ~ (var('contact_types') | join("', '")) ~ "'" %}
with

accepted as (

    select * from {{ ref('stg_activities__checked') }}
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

channels as (

    select * from {{ ref('stg_channels') }}

),

cleaned as (

    select
        accepted.activity_id,
        accepted.lead_id,
        {# An activity of a deal is one with the person the deal came from. #}
        coalesce(lead_people.person_id, deals.person_id) as person_id,
        accepted.deal_id,
        accepted.rep_id,
        {{ grouped_word('accepted.activity_type', var('contact_types')) }} as activity_type,
        {{ word_key('accepted.direction') }} as direction,
        {{ clean_channel('accepted.channel', 'channels.channel') }} as channel,
        replace({{ word_key('accepted.outcome') }}, ' ', '_') as outcome,
        accepted.duration_seconds,
        coalesce(accepted.is_automated, false) as is_flagged_automated,
        {{ is_word_of('accepted.outcome', var('automatic_outcomes')) }} as is_automatic_outcome,
        {{ is_word_of('accepted.outcome', var('undelivered_outcomes')) }} as is_undelivered,
        {{ is_word_of('accepted.outcome', var('two_way_outcomes')) }} as is_two_way,
        accepted.occurred_at

    from accepted
    left join lead_people on accepted.lead_id = lead_people.lead_id
    left join deals on accepted.deal_id = deals.deal_id
    left join channels on lower(accepted.channel) = channels.channel_key

),

{# A CRM that does not say which way a call went logs what reps did; a form only ever comes in. #}
directed as (

    select
        *,
        activity_type in ({{ contact_types }}) as is_contact,
        case
            when direction in ('inbound', 'incoming', 'in', 'received') then 'inbound'
            when direction in ('outbound', 'outgoing', 'out', 'sent') then 'outbound'
            when activity_type = 'form' then 'inbound'
            when activity_type in ('call', 'email', 'sms', 'social') then 'outbound'
        end as known_direction

    from cleaned

),

{# A notice such as out of office is a program's, where it came in; as the outcome of what we sent it tells of a notice
   that came back, and whoever wrote to the person did write. #}
attributed as (

    select
        *,
        is_flagged_automated
        or (is_automatic_outcome and coalesce(known_direction != 'outbound', true)) as is_automated

    from directed

)

select

    ---------- ids
    activity_id,
    lead_id,
    person_id,
    deal_id,
    rep_id,

    ---------- text
    activity_type,
    known_direction as direction,
    channel,
    outcome,

    ---------- numerics
    duration_seconds,

    ---------- booleans
    is_automated,
    is_contact,
    is_undelivered,
    is_two_way and is_contact and not is_automated and not is_undelivered as is_two_way,
    {# Somebody contacted us, in person: an out-of-office notice is nobody. #}
    coalesce(known_direction = 'inbound' and is_contact and not is_automated and not is_undelivered, false)
        as is_inbound_contact,
    {# Something of ours reached a person. #}
    coalesce(known_direction = 'outbound' and is_contact and not is_undelivered, false) as is_touch,
    {# Two doings of a rep answer a lead: an outbound contact, and taking a call or a chat. Who writes back waits. #}
    coalesce(
        is_contact and not is_automated and not is_undelivered
        and (
            known_direction = 'outbound'
            or (known_direction = 'inbound' and activity_type in ('call', 'chat') and is_two_way)
        ),
        false
    ) as is_human_response,

    ---------- timestamps
    occurred_at

from attributed
