{# The answers to the questions that ask which brands come to mind, of waves that are over. A number stands
   for the respondent, who may be known by an e-mail address. #}
with

answers as (

    select * from {{ ref('stg_survey_responses') }}
    where
        question in ('{{ var("brand_questions") | map("lower") | join("', '") }}')
        and wave_date <= {{ as_of() }}

)

select

    ---------- ids
    response_id,
    cast(dense_rank() over (order by respondent_id) as {{ dbt.type_bigint() }}) as respondent_number,
    account_id,

    ---------- text
    survey_wave,
    brand,

    ---------- numerics
    weight,
    rank,

    ---------- booleans
    is_us,

    ---------- dates
    wave_date

from answers
