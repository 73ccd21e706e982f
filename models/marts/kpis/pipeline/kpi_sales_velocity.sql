{# What the pipeline brings in a day: the deals open at the end of the period, times the win rate, times the
   average deal size, over the cycle length, each as its own KPI has it. #}
with

open_deals as (

    select
        deal_id as record_id,
        snapshot_date as period_date,
        {{ slice_columns() }}
        1 as open_deals,
        0 as won_deals,
        0 as valid_deals,
        0 as won_amount,
        0 as deals_of_known_amount,
        0 as days_to_win,
        0 as deals_of_known_days

    from {{ ref('fct_deal_snapshots') }}

),

closed_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        0 as open_deals,
        case when is_won then 1 else 0 end as won_deals,
        1 as valid_deals,
        won_amount,
        case when won_amount is not null then 1 else 0 end as deals_of_known_amount,
        days_to_win,
        case when days_to_win is not null then 1 else 0 end as deals_of_known_days

    from {{ ref('fct_deals') }}

    where is_won or is_lost

),

pipeline as (

    select * from open_deals
    union all
    select * from closed_deals

)

{{ kpi_from(
    'pipeline',
    kind='derived',
    measures=[
        'open_deals', 'won_deals', 'valid_deals', 'won_amount', 'deals_of_known_amount', 'days_to_win',
        'deals_of_known_days',
    ],
    stocks=['open_deals'],
    numerator='coalesce(open_deals, 0) * ' ~ ratio('won_deals', 'valid_deals')
        ~ ' * ' ~ ratio('won_amount', 'deals_of_known_amount'),
    denominator=ratio('days_to_win', 'deals_of_known_days'),
    n='valid_deals',
) }}
