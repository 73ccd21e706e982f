with

accepted as (

    select * from {{ ref('stg_campaigns__checked') }}
    where rejection_code is null

),

channels as (

    select * from {{ ref('stg_channels') }}

)

select

    ---------- text
    accepted.campaign,
    {{ clean_channel('accepted.channel', 'channels.channel') }} as channel,

    ---------- dates
    accepted.launched_on,
    accepted.ended_on

from accepted
left join channels on lower(accepted.channel) = channels.channel_key
