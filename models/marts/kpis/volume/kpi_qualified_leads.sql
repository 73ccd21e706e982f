{# People who qualified in the period; strictly: those whose qualification somebody recorded. #}
with

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}
        1 as all_numerator,
        case when is_strictly_qualified then 1 end as strict_numerator

    from {{ ref('fct_leads') }}

    where is_qualified

)

{{ kpi_from('qualified_leads', kind='count', kpis={
    'qualified_leads': 'all',
    'qualified_leads_strict': 'strict',
}) }}
