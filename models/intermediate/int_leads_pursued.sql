{{ config(materialized='table') }}

{# From when to when a qualified lead is pursued: from its qualification to the first outcome, which is a won
   deal, an accepted meeting, the end of its last deal without a win, or a disqualification. #}
with

people as (

    select * from {{ ref('int_leads_merged') }}

),

lead_people as (

    select
        lead_id,
        person_id
    from {{ ref('stg_leads') }}

),

deals as (

    select * from {{ ref('stg_deals') }}
    where not is_deleted

),

latest as (

    select * from {{ ref('int_deal_versions') }}
    where valid_to is null

),

meetings as (

    select * from {{ ref('int_meeting_chains') }}
    where response = 'accepted'

),

deal_milestones as (

    select
        lead_people.person_id,
        min(deals.created_at) as first_deal_at,
        max(case when latest.outcome = 'open' then 1 else 0 end) as has_open_deal,
        max(case when latest.outcome = 'won' then 1 else 0 end) as has_won_deal,
        min(case when latest.outcome = 'won' and latest.is_dated then latest.valid_from_date end) as won_date,
        max(case when latest.outcome != 'open' and latest.is_dated then latest.valid_from_date end)
            as last_closed_date

    from deals
    inner join latest on deals.deal_id = latest.deal_id
    inner join lead_people on deals.lead_id = lead_people.lead_id

    group by 1

),

{# The same rule as that of fct_leads, to the second: conversion implies qualification. #}
qualified as (

    select
        people.lead_id,
        case
            when people.qualified_at is not null then people.qualified_at
            when people.converted_at is null then deal_milestones.first_deal_at
            when deal_milestones.first_deal_at is null then people.converted_at
            when people.converted_at < deal_milestones.first_deal_at then people.converted_at
            else deal_milestones.first_deal_at
        end as qualified_at,
        case
            when deal_milestones.has_won_deal = 1 then 'won'
            when deal_milestones.has_open_deal = 1 then 'open'
            when people.disqualified_at is not null then 'disqualified'
            when deal_milestones.person_id is not null then 'lost'
            else 'open'
        end as standing,
        {{ reporting_date('people.disqualified_at') }} as disqualified_date,
        deal_milestones.won_date,
        deal_milestones.last_closed_date

    from people
    left join deal_milestones on people.lead_id = deal_milestones.person_id

),

meeting_milestones as (

    select
        qualified.lead_id,
        min({{ reporting_date('meetings.responded_at') }}) as accepted_date

    from qualified
    inner join meetings
        on qualified.lead_id = meetings.person_id
        and qualified.qualified_at <= meetings.responded_at

    group by 1

),

decided as (

    select
        qualified.*,
        meeting_milestones.accepted_date,
        case qualified.standing
            when 'won' then qualified.won_date
            when 'disqualified' then qualified.disqualified_date
            when 'lost' then qualified.last_closed_date
        end as decided_date

    from qualified
    left join meeting_milestones on qualified.lead_id = meeting_milestones.lead_id

    where qualified.qualified_at is not null

)

select
    lead_id,
    case
        when accepted_date is null or decided_date < accepted_date then standing
        else 'meeting accepted'
    end as outcome,
    {{ reporting_date('qualified_at') }} as qualified_date,
    case
        when accepted_date is null or decided_date < accepted_date then decided_date
        else accepted_date
    end as outcome_date,
    qualified_at

from decided
