{# What was spent in the period for each of its leads that became a customer, whenever that was. The honest
   one, once it is mature. #}
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

),

won_leads as (

    select
        lead_id as record_id,
        created_date as period_date,
        {{ slice_columns(slices) }}
        0 as numerator,
        1 as denominator

    from {{ ref('fct_leads') }}

    where became_customer and has_known_cost

),

acquisition as (

    select * from spend
    union all
    select * from won_leads

)

{{ kpi_from('acquisition', kind='ratio', matures='lead to customer', slices=slices) }}
