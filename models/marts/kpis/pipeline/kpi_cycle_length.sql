{# How many days the deals won in the period took, on average. #}
with

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        days_to_win as numerator,
        1 as denominator

    from {{ ref('fct_deals') }}

    where days_to_win is not null

)

{{ kpi_from('won_deals', kind='ratio') }}
