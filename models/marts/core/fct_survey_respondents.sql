with

answers as (

    select * from {{ ref('int_brand_answers') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

{# Somebody who names no brand was asked all the same. #}
respondents as (

    select
        wave_date,
        respondent_number,
        min(survey_wave) as survey_wave,
        min(account_id) as account_id,
        max(weight) as weight,
        count(distinct brand) as brand_count,
        max(case when is_us then 1 else 0 end) = 1 as names_us,
        min(case when brand is not null then rank end) as first_rank,
        min(case when is_us then rank end) as own_rank

    from answers

    group by 1, 2

)

select

    ---------- ids
    respondents.respondent_number,

    ---------- text
    respondents.survey_wave,
    accounts.segment,
    accounts.region,

    ---------- numerics
    {{ amount('respondents.weight') }} as weight,
    {{ amount('respondents.weight * respondents.weight') }} as squared_weight,
    cast(respondents.brand_count as integer) as brand_count,
    {{ amount('respondents.first_rank') }} as first_rank,

    ---------- booleans
    respondents.names_us,
    {# Without ranks nobody knows what came to mind first. #}
    case
        when respondents.brand_count = 0 then false
        when respondents.first_rank is not null
            then coalesce(respondents.own_rank = respondents.first_rank, false)
    end as is_us_top_of_mind,

    ---------- dates
    respondents.wave_date

from respondents
left join accounts on respondents.account_id = accounts.account_id
