{{ config(materialized='table') }}

{# An entity that says when it was loaded is known up to then, whatever dates people typed into it; one that
   does not is known up to its newest event. Days are those where the company reports. #}
with

entities as (

    select
        {{ reporting_date('min(created_at)') }} as first_date,
        {{ reporting_date('coalesce(max(loaded_at), max(created_at))') }} as last_date
    from {{ ref('stg_leads') }}

    union all

    select
        {{ reporting_date('least(min(created_at), coalesce(min(closed_at), min(created_at)))') }} as first_date,
        {{ reporting_date('coalesce(
            max(loaded_at),
            greatest(max(created_at), coalesce(max(closed_at), max(created_at)))
        )') }} as last_date
    from {{ ref('stg_deals') }}

    union all

    select
        {{ reporting_date('min(changed_at)') }} as first_date,
        {{ reporting_date('max(recorded_at)') }} as last_date
    from {{ ref('stg_deal_changes') }}

    union all

    select
        min(spend_date) as first_date,
        coalesce({{ reporting_date('max(loaded_at)') }}, max(spend_date)) as last_date
    from {{ ref('stg_spend') }}

    union all

    select
        {{ reporting_date('min(occurred_at)') }} as first_date,
        {{ reporting_date('max(occurred_at)') }} as last_date
    from {{ ref('stg_activities') }}

    union all

    select
        {{ reporting_date('min(requested_at)') }} as first_date,
        {{ reporting_date('max(requested_at)') }} as last_date
    from {{ ref('stg_meetings') }}

    union all

    {# A billing system may be older than the CRM; a start in the future is a plan, not an event. #}
    select
        min(started_on) as first_date,
        cast(null as date) as last_date
    from {{ ref('stg_subscriptions') }}

    union all

    select
        {{ reporting_date('min(paid_at)') }} as first_date,
        {{ reporting_date('max(paid_at)') }} as last_date
    from {{ ref('stg_payments') }}

    union all

    {# The table behind stg_content_views: there are too many views to join them to leads for two dates. #}
    select
        {{ reporting_date('min(viewed_at)') }} as first_date,
        {{ reporting_date('max(viewed_at)') }} as last_date
    from {{ ref('stg_content_views__checked') }}
    where rejection_code is null

    union all

    select
        min(visit_date) as first_date,
        max(visit_date) as last_date
    from {{ ref('stg_web_visits') }}

    union all

    {# A wave counts on its last day, which may lie ahead while people still answer. #}
    select
        min(wave_date) as first_date,
        cast(null as date) as last_date
    from {{ ref('stg_survey_responses') }}

),

newest as (

    select
        min(first_date) as first_date,
        max(last_date) as last_date

    from entities

)

select
    first_date,
    {% if var('as_of') -%}
    cast('{{ var("as_of") }}' as date) as as_of_date
    {%- else -%}
    last_date as as_of_date
    {%- endif %}

from newest
