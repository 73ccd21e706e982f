{# What one more accepted meeting is worth: the average deal size times the deal win rate, as their own KPIs have them,
   times the share of the leads with an accepted meeting that got a deal. #}
with

accepted_meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        1 as meetings,
        case when led_to_deal then 1 else 0 end as meetings_with_deal,
        0 as won_deals,
        0 as valid_deals,
        0 as won_amount,
        0 as deals_of_known_amount

    from {{ ref('fct_meetings') }}

    where is_first_accepted

),

closed_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        0 as meetings,
        0 as meetings_with_deal,
        case when is_won then 1 else 0 end as won_deals,
        1 as valid_deals,
        won_amount,
        case when won_amount is not null then 1 else 0 end as deals_of_known_amount

    from {{ ref('fct_deals') }}

    where is_won or is_lost

),

both_sides as (

    select * from accepted_meetings
    union all
    select * from closed_deals

)

{{ kpi_from(
    'both_sides',
    kind='derived',
    matures='qualified to deal',
    measures=['meetings', 'meetings_with_deal', 'won_deals', 'valid_deals', 'won_amount', 'deals_of_known_amount'],
    numerator='meetings_with_deal * ' ~ ratio('won_deals', 'valid_deals')
        ~ ' * ' ~ ratio('won_amount', 'deals_of_known_amount'),
    denominator='meetings',
    n='meetings',
) }}
