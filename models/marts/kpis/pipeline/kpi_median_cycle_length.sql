{# How many days the deal in the middle took, of those won in the period. #}
with

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        days_to_win as numerator

    from {{ ref('fct_deals') }}

    where days_to_win is not null

)

{{ kpi_from('won_deals', kind='median') }}
