{# Customer acquisition cost over average deal size: a good CAC is small beside what a deal brings. #}
{% set slices = slices_of('channel', 'campaign') %}
with

spend as (

    select
        cast(spend_id as {{ dbt.type_string() }}) as record_id,
        spend_date as period_date,
        {{ slice_columns(slices) }}
        lead_generation_amount as spend_amount,
        0 as won_deals,
        0 as won_amount,
        0 as deals_of_known_amount

    from {{ ref('fct_spend') }}

),

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns(slices) }}
        0 as spend_amount,
        1 as won_deals,
        won_amount,
        case when won_amount is not null then 1 else 0 end as deals_of_known_amount

    from {{ ref('fct_deals') }}

    where is_won and has_known_cost

),

both_sides as (

    select * from spend
    union all
    select * from won_deals

)

{{ kpi_from(
    'both_sides',
    kind='derived',
    slices=slices,
    measures=['spend_amount', 'won_deals', 'won_amount', 'deals_of_known_amount'],
    numerator=ratio('spend_amount', 'won_deals'),
    denominator=ratio('won_amount', 'deals_of_known_amount'),
    n='deals_of_known_amount',
) }}
