{# Of what the open deals are worth at the end of the period, the share of those that should have closed
   before. #}
with

open_deals as (

    select
        deal_id as record_id,
        snapshot_date as period_date,
        {{ slice_columns() }}
        case when is_stale then amount else 0 end as stale_amount,
        amount as open_amount,
        case when amount is not null then 1 else 0 end as deals_of_known_amount

    from {{ ref('fct_deal_snapshots') }}

)

{{ kpi_from(
    'open_deals',
    kind='derived',
    measures=['stale_amount', 'open_amount', 'deals_of_known_amount'],
    stocks=['stale_amount', 'open_amount', 'deals_of_known_amount'],
    numerator='stale_amount',
    denominator='open_amount',
    n='coalesce(deals_of_known_amount, 0)',
) }}
