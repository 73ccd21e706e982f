with

accepted as (

    select * from {{ ref('stg_spend__checked') }}
    where rejection_code is null

),

channels as (

    select * from {{ ref('stg_channels') }}

),

cleaned as (

    select
        accepted.spend_date,
        accepted.amount,
        accepted.campaign,
        accepted.loaded_at,
        {{ clean_channel('accepted.channel', 'channels.channel') }} as known_channel,
        {{ clean_currency('accepted.currency') }} as currency,
        {# A company that does not tell its costs apart spends it all on generating leads. #}
        coalesce(lower(accepted.cost_type), 'lead_generation') as cost_type

    from accepted
    left join channels on lower(accepted.channel) = channels.channel_key

)

select

    ---------- ids
    {# A line of spend has no id of its own: its place among all lines names it. #}
    cast(
        row_number() over (
            order by
                spend_date,
                known_channel nulls last,
                campaign nulls last,
                cost_type nulls last,
                currency nulls last,
                amount,
                loaded_at nulls last
        ) as {{ dbt.type_bigint() }}
    ) as spend_id,

    ---------- text
    coalesce(known_channel, 'unallocated') as channel,
    campaign,
    cost_type,
    currency,

    ---------- numerics
    amount,

    ---------- dates
    spend_date,

    ---------- timestamps
    loaded_at

from cleaned
