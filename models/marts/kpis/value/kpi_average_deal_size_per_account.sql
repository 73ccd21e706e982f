{# What the deals won in the period are worth per account that won them. Accounts of unknown amount are left out. #}
with

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        won_amount as numerator,
        customer_id as denominator_key

    from {{ ref('fct_deals') }}

    where is_won and won_amount is not null

)

{{ kpi_from('won_deals', kind='distinct_ratio') }}
