{# What customers said of the way to their purchase. #}
with

answers as (

    select * from {{ ref('stg_survey_responses') }}
    where
        question in ('{{ var("experience_questions") | map("lower") | join("', '") }}')
        and score is not null
        and wave_date <= {{ as_of() }}

),

deals as (

    select * from {{ ref('fct_deals') }}

)

select

    ---------- ids
    answers.response_id,
    answers.deal_id,
    answers.account_id,

    ---------- text
    deals.rep,
    deals.team,
    deals.channel,
    deals.campaign,
    deals.segment,
    deals.region,
    answers.method,

    ---------- numerics
    answers.score,

    ---------- dates
    answers.wave_date

from answers
left join deals on answers.deal_id = deals.deal_id
