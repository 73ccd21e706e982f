{# From visit to won deal, step by step, each period's count over the same period's count of the step
   before. Yields of a period, not rates of a cohort: who is won now may have come long ago, so a yield may
   exceed one. Before the first month of known visits, what a visit brings is unknown. #}
{% set slices = slices_of('channel', 'campaign') %}
with

first_visits as (

    select {{ period_start('month', 'min(visit_date)') }} as first_month
    from {{ ref('fct_web_visits') }}

),

visits as (

    select
        cast(web_visit_id as {{ dbt.type_string() }}) as record_id,
        visit_date as period_date,
        {{ slice_columns(slices) }}
        'visits' as step,
        visits as step_count

    from {{ ref('fct_web_visits') }}

),

leads as (

    select
        lead_id as record_id,
        created_date as period_date,
        {{ slice_columns(slices) }}
        'leads' as step,
        1 as step_count

    from {{ ref('fct_leads') }}

),

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns(slices) }}
        'qualified' as step,
        1 as step_count

    from {{ ref('fct_leads') }}

    where is_qualified

),

created_deals as (

    select
        deal_id as record_id,
        created_date as period_date,
        {{ slice_columns(slices) }}
        'deals' as step,
        1 as step_count

    from {{ ref('fct_deals') }}

    where not is_deleted

),

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns(slices) }}
        'wins' as step,
        1 as step_count

    from {{ ref('fct_deals') }}

    where is_won

),

all_steps as (

    select * from visits
    union all
    select * from leads
    union all
    select * from qualified_leads
    union all
    select * from created_deals
    union all
    select * from won_deals

),

counted as (

    select
        all_steps.record_id,
        all_steps.period_date,
        {{ slice_columns(slices, of='all_steps') }}
        all_steps.step,
        all_steps.step_count,
        coalesce(all_steps.period_date >= first_visits.first_month, false) as has_known_visits

    from all_steps
    cross join first_visits

),

funnel as (

    select
        record_id,
        period_date,
        {{ slice_columns(slices) }}

        case when step = 'leads' and has_known_visits then step_count end as leads_numerator,
        case when step = 'visits' then step_count end as leads_denominator,

        case when step = 'qualified' then step_count end as qualified_numerator,
        case when step = 'leads' then step_count end as qualified_denominator,

        case when step = 'deals' then step_count end as deals_numerator,
        case when step = 'qualified' then step_count end as deals_denominator,

        case when step = 'wins' then step_count end as wins_numerator,
        case when step = 'deals' then step_count end as wins_denominator,

        case when step = 'wins' and has_known_visits then step_count end as overall_numerator,
        case when step = 'visits' then step_count end as overall_denominator

    from counted

)

{{ kpi_from('funnel', kind='ratio', slices=slices, kpis={
    'leads_per_visit': 'leads',
    'qualified_per_lead': 'qualified',
    'deals_per_qualified_lead': 'deals',
    'wins_per_deal': 'wins',
    'wins_per_visit': 'overall',
}) }}
