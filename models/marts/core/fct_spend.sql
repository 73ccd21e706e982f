with

spend as (

    select * from {{ ref('stg_spend') }}
    where spend_date <= {{ as_of() }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

)

select

    ---------- ids
    cast(spend.spend_id as {{ dbt.type_bigint() }}) as spend_id,

    ---------- text
    spend.channel,
    spend.campaign,
    spend.cost_type,
    spend.currency,

    ---------- numerics
    {{ amount('spend.amount * rates.rate') }} as amount,
    {{ amount("case when spend.cost_type = 'lead_generation' then spend.amount * rates.rate end") }}
        as lead_generation_amount,
    {{ amount("case when spend.cost_type != 'other' then spend.amount * rates.rate end") }}
        as acquisition_amount,

    ---------- booleans
    channels.is_paid,
    rates.rate is null as is_missing_rate,

    ---------- dates
    spend.spend_date

from spend
inner join channels on spend.channel = channels.channel
left join rates
    on spend.currency = rates.currency
    and spend.spend_date = rates.rate_date
