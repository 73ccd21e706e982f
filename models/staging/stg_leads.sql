{{ config(materialized='table') }}

with

accepted as (

    select * from {{ ref('stg_leads__checked') }}
    where rejection_code is null

),

channels as (

    select * from {{ ref('stg_channels') }}

),

countries as (

    select * from {{ ref('stg_countries') }}

),

cleaned as (

    select

        ---------- ids
        accepted.lead_id,
        accepted.owner_id as rep_id,
        coalesce(lower(accepted.email), accepted.lead_id) as person_key,

        ---------- text
        accepted.company_name,
        accepted.source,
        {{ clean_channel('accepted.channel', 'channels.channel') }} as channel,
        accepted.campaign,
        accepted.status,
        accepted.disqualified_reason,
        {{ clean_currency('accepted.currency') }} as currency,
        coalesce(countries.country, accepted.country) as country,
        countries.region,
        accepted.industry,

        ---------- numerics
        accepted.lead_score,
        accepted.estimated_value,
        accepted.employee_count,

        ---------- timestamps
        accepted.created_at,
        accepted.qualified_at,
        accepted.disqualified_at,
        accepted.converted_at,
        accepted.loaded_at

    from accepted
    left join channels on lower(accepted.channel) = channels.channel_key
    left join countries on lower(accepted.country) = countries.country_key

),

{# One person may be several leads: the earliest one stands for the person. #}
identified as (

    select
        *,
        first_value(lead_id) over (
            partition by person_key
            order by created_at, lead_id
        ) as person_id

    from cleaned

)

select
    lead_id,
    person_id,
    rep_id,
    company_name,
    source,
    channel,
    campaign,
    status,
    disqualified_reason,
    currency,
    country,
    region,
    industry,
    lead_score,
    estimated_value,
    employee_count,
    created_at,
    qualified_at,
    disqualified_at,
    converted_at,
    loaded_at

from identified
