{# Of the leads that qualified in the period, the share that was touched more often than anybody likes. #}
with

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}
        case when is_over_touched then 1 else 0 end as numerator,
        1 as denominator

    from {{ ref('fct_lead_outreach') }}

)

{{ kpi_from('qualified_leads', kind='rate', matures='qualified to customer') }}
