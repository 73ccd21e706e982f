{# How many equally weighted respondents would be as exact as the weighted ones: (sum of w)² over the sum of
   w². #}
{% set slices = slices_of('segment', 'region') %}
with

respondents as (

    select
        respondent_number as record_id,
        wave_date as period_date,
        {{ slice_columns(slices) }}
        weight,
        squared_weight,
        1 as respondents

    from {{ ref('fct_survey_respondents') }}

)

{{ kpi_from(
    'respondents',
    kind='derived',
    slices=slices,
    measures=['weight', 'squared_weight', 'respondents'],
    numerator='weight * weight',
    denominator='squared_weight',
    n='respondents',
) }}
