{# Deals won in the period. #}
with

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_deals') }}

    where is_won

)

{{ kpi_from('won_deals', kind='count') }}
