{# Deals won for each valid deal lost, by close date: null while nothing was lost. #}
with

closed_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        case when is_won then 1 else 0 end as numerator,
        case when is_lost then 1 end as denominator

    from {{ ref('fct_deals') }}

    where is_won or is_lost

)

{{ kpi_from('closed_deals', kind='ratio') }}
