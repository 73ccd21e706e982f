{# Of all the brands that respondents name, how much of it is us. #}
{% set slices = slices_of('segment', 'region') %}
with

mentions as (

    select
        respondent_number as record_id,
        wave_date as period_date,
        {{ slice_columns(slices) }}

        case when is_us then weight else 0 end as weighted_numerator,
        weight as weighted_denominator,

        case when is_us then 1 else 0 end as unweighted_numerator,
        1 as unweighted_denominator

    from {{ ref('fct_brand_mentions') }}

)

{{ kpi_from('mentions', kind='ratio', slices=slices, kpis={
    'share_of_voice': 'weighted',
    'share_of_voice_unweighted': 'unweighted',
}) }}
