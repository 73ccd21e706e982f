{# Of the valid deals closed in the period, the share won. Narrow leaves out the deals that ended in no
   decision; broad also counts the invalid ones as not won. #}
with

closed_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}

        case when is_won then 1 else 0 end as valid_numerator,
        case when is_won or is_lost then 1 end as valid_denominator,

        case when is_won then 1 else 0 end as narrow_numerator,
        case when is_won or (is_lost and not is_no_decision) then 1 end as narrow_denominator,

        case when is_won then 1 else 0 end as broad_numerator,
        1 as broad_denominator

    from {{ ref('fct_deals') }}

    where is_won or is_lost or is_invalid

)

{{ kpi_from('closed_deals', kind='rate', kpis={
    'deal_win_rate': 'valid',
    'deal_win_rate_narrow': 'narrow',
    'deal_win_rate_broad': 'broad',
}) }}
