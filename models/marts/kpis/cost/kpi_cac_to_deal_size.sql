{# Customer acquisition cost over average deal size: a good CAC is small beside what a deal brings. #}
{% set slices = slices_of('channel', 'campaign') %}
with

spend as (

    select
        cast(spend_id as {{ dbt.type_string() }}) as record_id,
        spend_date as period_date,
        {{ slice_columns(slices) }}
        lead_generation_amount as numerator,
        0 as numerator_per,
        cast(null as {{ amount_type() }}) as denominator,
        0 as denominator_per

    from {{ ref('fct_spend') }}

),

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns(slices) }}
        0 as numerator,
        1 as numerator_per,
        won_amount as denominator,
        case when won_amount is not null then 1 else 0 end as denominator_per

    from {{ ref('fct_deals') }}

    where is_won and has_known_cost

),

both_sides as (

    select * from spend
    union all
    select * from won_deals

)

{{ kpi_from('both_sides', kind='ratio_of_ratios', slices=slices) }}
