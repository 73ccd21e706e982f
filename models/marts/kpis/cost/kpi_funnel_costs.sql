{# What a visit, a lead, a qualified lead and a deal cost: the lead-generation spend of the period over the
   period's count of each. A deal won is kpi_cac. Before the first month of known spend, cost is unknown. #}
{% set slices = slices_of('channel', 'campaign') %}
with

first_spend as (

    select {{ period_start('month', 'min(spend_date)') }} as first_month
    from {{ ref('fct_spend') }}

),

spend as (

    select
        cast(spend_id as {{ dbt.type_string() }}) as record_id,
        spend_date as period_date,
        {{ slice_columns(slices) }}
        'spend' as step,
        lead_generation_amount as step_amount

    from {{ ref('fct_spend') }}

),

visits as (

    select
        cast(web_visit_id as {{ dbt.type_string() }}) as record_id,
        visit_date as period_date,
        {{ slice_columns(slices) }}
        'visits' as step,
        visits as step_amount

    from {{ ref('fct_web_visits') }}

),

leads as (

    select
        lead_id as record_id,
        created_date as period_date,
        {{ slice_columns(slices) }}
        'leads' as step,
        {{ amount(1) }} as step_amount

    from {{ ref('fct_leads') }}

),

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns(slices) }}
        'qualified' as step,
        {{ amount(1) }} as step_amount

    from {{ ref('fct_leads') }}

    where is_qualified

),

created_deals as (

    select
        deal_id as record_id,
        created_date as period_date,
        {{ slice_columns(slices) }}
        'deals' as step,
        {{ amount(1) }} as step_amount

    from {{ ref('fct_deals') }}

    where not is_deleted

),

all_steps as (

    select * from spend
    union all
    select * from visits
    union all
    select * from leads
    union all
    select * from qualified_leads
    union all
    select * from created_deals

),

with_known_cost as (

    select all_steps.*
    from all_steps
    inner join first_spend on all_steps.period_date >= first_spend.first_month

),

costs as (

    select
        record_id,
        period_date,
        {{ slice_columns(slices) }}

        case when step = 'spend' then step_amount end as visit_numerator,
        case when step = 'visits' then step_amount end as visit_denominator,

        case when step = 'spend' then step_amount end as lead_numerator,
        case when step = 'leads' then step_amount end as lead_denominator,

        case when step = 'spend' then step_amount end as qualified_numerator,
        case when step = 'qualified' then step_amount end as qualified_denominator,

        case when step = 'spend' then step_amount end as deal_numerator,
        case when step = 'deals' then step_amount end as deal_denominator

    from with_known_cost

)

{{ kpi_from('costs', kind='ratio', slices=slices, kpis={
    'cost_per_visit': 'visit',
    'cost_per_lead': 'lead',
    'cost_per_qualified_lead': 'qualified',
    'cost_per_deal': 'deal',
}) }}
