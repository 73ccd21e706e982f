{{ config(materialized='table') }}

with

{{ checked_cells('survey_responses') }},

dated as (

    select
        *,
        {{ wave_date('survey_wave') }} as wave_date

    from cells

),

{{ with_rejections('dated', 'survey_responses', keep=['wave_date'], rules=[
    {
        'code': 'unreadable_wave',
        'when': unreadable('wave_date', 'date'),
        'because': dbt.concat([
            "'Survey wave '", masked('survey_wave'),
            "' names no day, month, quarter, half or year: map survey_wave with an SQL expression.'"
        ]),
    },
]) }}
