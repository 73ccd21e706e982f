{# How densely qualified leads are touched while they are pursued. #}
with

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}
        touch_count as numerator,
        weeks_open as denominator

    from {{ ref('fct_lead_outreach') }}

)

{{ kpi_from('qualified_leads', kind='ratio') }}
