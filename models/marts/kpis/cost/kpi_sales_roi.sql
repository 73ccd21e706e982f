{# What each unit of lead-generation spend brought beyond itself: won revenue less spend, over spend. #}
{% set slices = slices_of('channel', 'campaign') %}
with

spend as (

    select
        cast(spend_id as {{ dbt.type_string() }}) as record_id,
        spend_date as period_date,
        {{ slice_columns(slices) }}
        -lead_generation_amount as numerator,
        lead_generation_amount as denominator

    from {{ ref('fct_spend') }}

),

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns(slices) }}
        won_amount as numerator,
        cast(null as integer) as denominator

    from {{ ref('fct_deals') }}

    where is_won and has_known_cost

),

returns as (

    select * from spend
    union all
    select * from won_deals

)

{{ kpi_from('returns', kind='ratio', slices=slices) }}
