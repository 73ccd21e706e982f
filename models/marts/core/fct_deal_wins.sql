{# When a win happened and when it was known: a report or a forecast of the end of a month may use what was known
   by then, and neither a win typed in later nor the knowledge that it was undone. #}
with

versions as (

    select * from {{ ref('int_deal_versions') }}
    where
        outcome = 'won'
        and is_dated
        and (known_to_date is null or known_from_date < known_to_date)

),

deals as (

    select * from {{ ref('fct_deals') }}
    where not is_deleted

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

)

select

    ---------- ids
    versions.deal_id,
    deals.lead_id,

    ---------- numerics
    versions.version_number,
    {{ converted('versions.amount', 'rates.rate') }} as won_amount,

    ---------- booleans
    versions.known_to_date is null as is_current,

    ---------- dates
    deals.created_date,
    versions.valid_from_date as won_date,
    versions.known_from_date,
    versions.known_to_date

from versions
inner join deals on versions.deal_id = deals.deal_id
left join rates
    on versions.currency = rates.currency
    and versions.valid_from_date = rates.rate_date
