with

known as (

    select
        channel,
        max(case when is_paid then 1 else 0 end) = 1 as is_paid,
        max(case when is_inbound then 1 else 0 end) = 1 as is_inbound

    from {{ ref('stg_channels') }}

    group by 1

),

{# A channel that the vocabulary does not know is neither paid nor inbound until it does. #}
seen as (

    select channel from known
    union distinct
    select channel from {{ ref('stg_leads') }}
    union distinct
    select channel from {{ ref('stg_deals') }}
    union distinct
    select channel from {{ ref('stg_spend') }}
    union distinct
    select channel from {{ ref('stg_web_visits') }}
    union distinct
    select channel from {{ ref('stg_campaigns') }}

)

select
    seen.channel,
    coalesce(known.is_paid, false) as is_paid,
    coalesce(known.is_inbound, false) as is_inbound,
    known.channel is null as is_inferred

from seen
left join known on seen.channel = known.channel

where seen.channel is not null
