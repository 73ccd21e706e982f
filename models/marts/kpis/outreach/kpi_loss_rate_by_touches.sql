{# Whether leads that are touched too often are lost more often. They also collect touches because they do not
   convert: the two go together, neither is shown to cause the other. #}
with

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}
        case when is_lost and is_over_touched then 1 else 0 end as over_numerator,
        case when is_over_touched then 1 end as over_denominator,

        case when is_lost and not is_over_touched then 1 else 0 end as within_numerator,
        case when not is_over_touched then 1 end as within_denominator

    from {{ ref('fct_lead_outreach') }}

)

{{ kpi_from('qualified_leads', kind='rate', matures='qualified to customer', kpis={
    'loss_rate_over_touched': 'over',
    'loss_rate_within_touch_limit': 'within',
}) }}
