{# Of the qualified leads that were touched, the share that was touched again. #}
with

touched_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}
        case when is_followed_up then 1 else 0 end as numerator,
        1 as denominator

    from {{ ref('fct_lead_outreach') }}

    where is_touched

)

{{ kpi_from('touched_leads', kind='rate', matures='qualified to customer') }}
