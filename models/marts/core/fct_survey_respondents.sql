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

),

ranked as (

    select
        *,
        max(first_rank) over (partition by wave_date) is not null as has_ranks
    from respondents

)

select

    ---------- ids
    ranked.respondent_number,

    ---------- text
    ranked.survey_wave,
    accounts.segment,
    accounts.region,

    ---------- numerics
    {{ amount('ranked.weight') }} as weight,
    {{ amount('ranked.weight * ranked.weight') }} as squared_weight,
    cast(ranked.brand_count as integer) as brand_count,
    {{ amount('ranked.first_rank') }} as first_rank,

    ---------- booleans
    ranked.names_us,
    {# Without ranks nobody knows what came to mind first; where a wave has some, who names nobody thought of
       nobody first. #}
    case
        when ranked.brand_count = 0 and ranked.has_ranks then false
        when ranked.first_rank is not null
            then coalesce(ranked.own_rank = ranked.first_rank, false)
    end as is_us_top_of_mind,

    ---------- dates
    ranked.wave_date

from ranked
left join accounts on ranked.account_id = accounts.account_id
