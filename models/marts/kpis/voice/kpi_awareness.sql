{# Of the respondents, the share that names us without help. #}
{% set slices = slices_of('segment', 'region') %}
with

respondents as (

    select
        respondent_number as record_id,
        wave_date as period_date,
        {{ slice_columns(slices) }}
        case when names_us then 1 else 0 end as numerator,
        1 as denominator

    from {{ ref('fct_survey_respondents') }}

)

{{ kpi_from('respondents', kind='rate', slices=slices) }}
