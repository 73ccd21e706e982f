{# Of the leads created in the period, the share that ever qualified: how well marketing and sales agree. #}
with

created_leads as (

    select
        lead_id as record_id,
        created_date as period_date,
        {{ slice_columns() }}

        case when is_qualified then 1 else 0 end as all_numerator,
        1 as all_denominator,

        case when is_strictly_qualified then 1 else 0 end as strict_numerator,
        1 as strict_denominator

    from {{ ref('fct_leads') }}

)

{{ kpi_from('created_leads', kind='rate', matures='lead to qualified', kpis={
    'qualified_lead_share': 'all',
    'qualified_lead_share_strict': 'strict',
}) }}
