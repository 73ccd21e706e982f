{# What the deals won in the period are worth. A deal whose amount nobody knows adds nothing, and n leaves
   it out. #}
with

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        won_amount as numerator

    from {{ ref('fct_deals') }}

    where is_won

)

{{ kpi_from('won_deals', kind='sum') }}
