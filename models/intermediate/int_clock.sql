{{ config(materialized='table') }}

{# An entity that says when it was loaded is known up to then, whatever dates people typed into it; one that
   does not is known up to its newest event. #}
with

entities as (

    select
        min(created_at) as first_at,
        coalesce(max(loaded_at), max(created_at)) as last_at
    from {{ ref('stg_leads') }}

    union all

    select
        least(min(created_at), coalesce(min(closed_at), min(created_at))) as first_at,
        coalesce(
            max(loaded_at),
            greatest(max(created_at), coalesce(max(closed_at), max(created_at)))
        ) as last_at
    from {{ ref('stg_deals') }}

    union all

    select
        min(changed_at) as first_at,
        max(recorded_at) as last_at
    from {{ ref('stg_deal_changes') }}

    union all

    select
        cast(min(spend_date) as {{ dbt.type_timestamp() }}) as first_at,
        coalesce(max(loaded_at), cast(max(spend_date) as {{ dbt.type_timestamp() }})) as last_at
    from {{ ref('stg_spend') }}

    union all

    select
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from {{ ref('stg_activities') }}

    union all

    {# A billing system may be older than the CRM; a start in the future is a plan, not an event. #}
    select
        cast(min(started_on) as {{ dbt.type_timestamp() }}) as first_at,
        cast(null as {{ dbt.type_timestamp() }}) as last_at
    from {{ ref('stg_subscriptions') }}

    union all

    select
        min(paid_at) as first_at,
        max(paid_at) as last_at
    from {{ ref('stg_payments') }}

),

newest as (

    select
        min(first_at) as first_at,
        max(last_at) as last_at

    from entities

)

select
    {{ reporting_date('first_at') }} as first_date,
    {% if var('as_of') -%}
    cast('{{ var("as_of") }}' as date) as as_of_date
    {%- else -%}
    {{ reporting_date('last_at') }} as as_of_date
    {%- endif %}

from newest
