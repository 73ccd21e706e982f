{# Of the money in the valid deals closed in the period, the share won. Deals of unknown amount are left out. #}
with

closed_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        case when is_won then amount else 0 end as numerator,
        amount as denominator

    from {{ ref('fct_deals') }}

    where (is_won or is_lost) and amount is not null

)

{{ kpi_from('closed_deals', kind='ratio') }}
