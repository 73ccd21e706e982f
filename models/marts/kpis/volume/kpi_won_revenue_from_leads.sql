{# What the deals won in the period with a lead are worth, by close date. The rest of won revenue came without one. #}
with

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        won_amount as numerator

    from {{ ref('fct_deals') }}

    where is_won and lead_id is not null

)

{{ kpi_from('won_deals', kind='sum') }}
