{# Who is heard how loudly: every brand beside ours, wave by wave. #}
with

mentions as (

    select * from {{ ref('fct_brand_mentions') }}

),

respondents as (

    select
        wave_date,
        min(survey_wave) as survey_wave,
        count(*) as respondents,
        count(is_us_top_of_mind) as respondents_who_rank,
        {{ ratio('sum(weight) * sum(weight)', 'sum(squared_weight)') }} as effective_sample_size

    from {{ ref('fct_survey_respondents') }}

    group by 1

),

brands as (

    select
        wave_date,
        brand,
        is_us,
        count(*) as mentions,
        sum(weight) as weighted_mentions,
        count(case when is_top_of_mind then 1 end) as first_mentions

    from mentions

    group by 1, 2, 3

),

compared as (

    select
        brands.*,
        sum(brands.mentions) over (partition by brands.wave_date) as all_mentions,
        sum(brands.weighted_mentions) over (partition by brands.wave_date) as all_weighted_mentions,
        respondents.survey_wave,
        respondents.respondents,
        respondents.respondents_who_rank,
        respondents.effective_sample_size

    from brands
    inner join respondents on brands.wave_date = respondents.wave_date

)

select

    ---------- text
    survey_wave,
    brand,

    ---------- numerics
    cast(respondents as {{ dbt.type_bigint() }}) as respondents,
    effective_sample_size,
    cast(mentions as {{ dbt.type_bigint() }}) as mentions,
    {{ amount('weighted_mentions') }} as weighted_mentions,
    {{ ratio('weighted_mentions', 'all_weighted_mentions') }} as share_of_voice,
    {{ ratio('mentions', 'all_mentions') }} as share_of_voice_unweighted,
    {{ ratio('mentions', 'respondents') }} as awareness,
    {{ wilson_low('mentions', 'respondents') }} as awareness_low,
    {{ wilson_high('mentions', 'respondents') }} as awareness_high,
    {{ ratio('first_mentions', 'respondents_who_rank') }} as top_of_mind,

    ---------- booleans
    is_us,

    ---------- dates
    wave_date

from compared
