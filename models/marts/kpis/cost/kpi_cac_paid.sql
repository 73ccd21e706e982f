{# What was spent on paid channels for each new customer that came through one. #}
{% set slices = slices_of('channel', 'campaign') %}
with

spend as (

    select
        cast(spend_id as {{ dbt.type_string() }}) as record_id,
        spend_date as period_date,
        {{ slice_columns(slices) }}
        lead_generation_amount as numerator,
        cast(null as integer) as denominator

    from {{ ref('fct_spend') }}

    where is_paid

),

new_customers as (

    select
        customer_id as record_id,
        closed_date as period_date,
        {{ slice_columns(slices) }}
        0 as numerator,
        1 as denominator

    from {{ ref('fct_deals') }}

    where is_first_win and is_paid_channel and has_known_cost

),

acquisition as (

    select * from spend
    union all
    select * from new_customers

)

{{ kpi_from('acquisition', kind='ratio', slices=slices) }}
