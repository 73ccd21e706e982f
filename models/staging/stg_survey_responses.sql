select
    response_id,
    survey_wave,
    respondent_id,
    question,
    weight,
    brand,
    rank,
    score,
    account_id,
    deal_id,
    method

from {{ ref('stg_survey_responses__checked') }}

where rejection_code is null
