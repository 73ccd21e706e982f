with

accepted as (

    select * from {{ ref('stg_web_visits__checked') }}
    where rejection_code is null

),

channels as (

    select * from {{ ref('stg_channels') }}

),

cleaned as (

    select
        accepted.visit_date,
        accepted.visits,
        accepted.campaign,
        {{ clean_channel('accepted.channel', 'channels.channel') }} as channel

    from accepted
    left join channels on lower(accepted.channel) = channels.channel_key

)

select

    ---------- ids
    {# A count of visits has no id of its own: its place among all counts names it. #}
    cast(
        row_number() over (
            order by visit_date, channel nulls last, campaign nulls last, visits
        ) as {{ dbt.type_bigint() }}
    ) as web_visit_id,

    ---------- text
    channel,
    campaign,

    ---------- numerics
    visits,

    ---------- dates
    visit_date

from cleaned
