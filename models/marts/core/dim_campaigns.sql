with

campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

seen as (

    select campaign from campaigns
    union distinct
    select campaign from {{ ref('stg_leads') }}
    union distinct
    select campaign from {{ ref('stg_deals') }}
    union distinct
    select campaign from {{ ref('stg_spend') }}
    union distinct
    select campaign from {{ ref('stg_web_visits') }}

)

select
    seen.campaign,
    campaigns.channel,
    campaigns.launched_on,
    campaigns.ended_on,
    campaigns.campaign is null as is_inferred

from seen
left join campaigns on seen.campaign = campaigns.campaign

where seen.campaign is not null
