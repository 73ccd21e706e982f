with

respondents as (

    select * from {{ ref('fct_survey_respondents') }}

),

answers as (

    select * from {{ ref('int_brand_answers') }}
    where brand is not null

),

{# Whoever names a brand twice, or under two names, has named it once. #}
mentions as (

    select
        wave_date,
        respondent_number,
        brand,
        max(case when is_us then 1 else 0 end) = 1 as is_us,
        min(rank) as first_rank

    from answers

    group by 1, 2, 3

)

select

    ---------- ids
    mentions.respondent_number,

    ---------- text
    respondents.survey_wave,
    mentions.brand,
    respondents.segment,
    respondents.region,

    ---------- numerics
    {{ amount('mentions.first_rank') }} as first_rank,
    respondents.weight,

    ---------- booleans
    mentions.is_us,
    {# Without ranks nobody knows what came to mind first. #}
    coalesce(mentions.first_rank = respondents.first_rank, false) as is_top_of_mind,

    ---------- dates
    mentions.wave_date

from mentions
inner join respondents
    on mentions.wave_date = respondents.wave_date
    and mentions.respondent_number = respondents.respondent_number
