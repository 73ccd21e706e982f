with

accepted as (

    select * from {{ ref('stg_accounts__checked') }}
    where rejection_code is null

),

countries as (

    select * from {{ ref('stg_countries') }}

)

select

    ---------- ids
    accepted.account_id,

    ---------- text
    accepted.account_name,
    accepted.segment,
    accepted.industry,
    coalesce(countries.country, accepted.country) as country,
    coalesce(accepted.region, countries.region) as region,

    ---------- numerics
    accepted.employee_count

from accepted
left join countries on lower(accepted.country) = countries.country_key
