{# What customers said of the way to their purchase, on average. #}
with

feedback as (

    select
        response_id as record_id,
        wave_date as period_date,
        {{ slice_columns() }}
        score as numerator,
        1 as denominator

    from {{ ref('fct_purchase_feedback') }}

)

{{ kpi_from('feedback', kind='ratio') }}
