{# Customers whose first deal was won in the period. #}
with

first_wins as (

    select
        customer_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_deals') }}

    where is_first_win

)

{{ kpi_from('first_wins', kind='count') }}
