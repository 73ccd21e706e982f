with

accepted as (

    select * from {{ ref('stg_survey_responses__checked') }}
    where rejection_code is null

),

brands as (

    select * from {{ ref('stg_brands') }}

)

select

    ---------- ids
    accepted.response_id,
    accepted.respondent_id,
    accepted.account_id,
    accepted.deal_id,

    ---------- text
    accepted.survey_wave,
    lower(accepted.question) as question,
    {# A brand that the vocabulary does not know is kept, in lower case; it is not us. #}
    case when brands.brand_key is not null then brands.brand else lower(accepted.brand) end as brand,
    lower(accepted.method) as method,

    ---------- numerics
    coalesce(accepted.weight, {{ amount(1) }}) as weight,
    accepted.rank,
    accepted.score,

    ---------- booleans
    coalesce(brands.is_us, false) as is_us,

    ---------- dates
    accepted.wave_date

from accepted
left join brands on lower(accepted.brand) = brands.brand_key
