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

),

valued as (

    select
        spend.*,
        channels.is_paid,
        rates.rate is null as is_missing_rate,
        {{ converted('spend.amount', 'rates.rate') }} as reporting_amount

    from spend
    inner join channels on spend.channel = channels.channel
    left join rates
        on spend.currency = rates.currency
        and spend.spend_date = rates.rate_date

)

select

    ---------- ids
    cast(spend_id as {{ dbt.type_bigint() }}) as spend_id,

    ---------- text
    channel,
    campaign,
    cost_type,
    currency,

    ---------- numerics
    reporting_amount as amount,
    {{ amount("case when cost_type = 'lead_generation' then reporting_amount end") }} as lead_generation_amount,
    {{ amount("case when cost_type != 'other' then reporting_amount end") }} as acquisition_amount,

    ---------- booleans
    is_paid,
    is_missing_rate,

    ---------- dates
    spend_date

from valued
