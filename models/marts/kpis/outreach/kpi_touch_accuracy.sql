{# Wanted outcomes for each touch: how many of the contacts hit. #}
with

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}
        case when has_wanted_outcome then 1 else 0 end as numerator,
        touch_count as denominator

    from {{ ref('fct_lead_outreach') }}

)

{{ kpi_from('qualified_leads', kind='ratio', matures='qualified to customer') }}
