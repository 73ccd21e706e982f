{# What a won deal is worth on average, by close date. Deals of unknown amount are left out, deals of amount
   0 are not. #}
with

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        won_amount as numerator,
        1 as denominator

    from {{ ref('fct_deals') }}

    where is_won and won_amount is not null

)

{{ kpi_from('won_deals', kind='ratio') }}
