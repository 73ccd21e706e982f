with

accepted as (

    select * from {{ ref('stg_deals__checked') }}
    where rejection_code is null

),

channels as (

    select * from {{ ref('stg_channels') }}

),

lost_reasons as (

    select * from {{ ref('stg_lost_reasons') }}

)

select

    ---------- ids
    accepted.deal_id,
    accepted.lead_id,
    accepted.account_id,
    accepted.owner_id as rep_id,

    ---------- text
    accepted.known_stage as stage,
    accepted.outcome,
    {{ clean_channel('accepted.channel', 'channels.channel') }} as channel,
    accepted.campaign,
    accepted.pipeline,
    {{ clean_currency('accepted.currency') }} as currency,
    accepted.lost_reason,
    lost_reasons.loss_kind,

    ---------- numerics
    accepted.amount,

    ---------- booleans
    coalesce(accepted.is_deleted, false) as is_deleted,

    ---------- dates
    accepted.expected_close_date,

    ---------- timestamps
    accepted.created_at,
    case when accepted.outcome != 'open' then accepted.closed_at end as closed_at,
    accepted.loaded_at

from accepted
left join channels on lower(accepted.channel) = channels.channel_key
left join lost_reasons on lower(accepted.lost_reason) = lost_reasons.reason_key
