{# Of the leads created in the period, the share that ever qualified: how well marketing and sales agree. #}
with

{# Read twice: kept, its rows would fill the memory. #}
leads as {{ not_kept() }} (

    select * from {{ ref('fct_leads') }}

),

{# Where no qualification is ever recorded, the strict share is unknown, not 0. #}
recorded as (

    select max(case when is_strictly_qualified then 1 end) as is_recorded
    from leads

),

created_leads as (

    select
        leads.lead_id as record_id,
        leads.created_date as period_date,
        {{ slice_columns(of='leads') }}

        case when leads.is_qualified then 1 else 0 end as all_numerator,
        1 as all_denominator,

        case when leads.is_strictly_qualified then 1 else 0 end as strict_numerator,
        recorded.is_recorded as strict_denominator

    from leads
    cross join recorded

)

{{ kpi_from('created_leads', kind='rate', matures='lead to qualified', kpis={
    'qualified_lead_share': 'all',
    'qualified_lead_share_strict': 'strict',
}) }}
