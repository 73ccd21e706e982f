{# How often the leads that qualified in the period were touched, up to their outcome. To be kept low; a lead
   that nobody touched counts as 0. #}
with

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}
        touch_count as qualified_numerator,
        1 as qualified_denominator,

        touch_count as touched_numerator,
        case when is_touched then 1 end as touched_denominator,

        touch_count as win_numerator,
        case when became_customer then 1 end as win_denominator,

        case when became_customer then touch_count end as won_numerator,
        case when became_customer then 1 end as won_denominator,

        automated_touch_count as automated_numerator,
        1 as automated_denominator,

        human_touch_count as human_numerator,
        1 as human_denominator

    from {{ ref('fct_lead_outreach') }}

)

{{ kpi_from('qualified_leads', kind='ratio', matures='qualified to customer', kpis={
    'touches_per_qualified_lead': 'qualified',
    'touches_per_touched_lead': 'touched',
    'touches_per_win': 'win',
    'touches_per_won_lead': 'won',
    'automated_touches_per_qualified_lead': 'automated',
    'human_touches_per_qualified_lead': 'human',
}) }}
