{# What the open deals are worth at the end of the period; stale: those whose expected close date has passed. #}
with

open_deals as (

    select
        deal_id as record_id,
        snapshot_date as period_date,
        {{ slice_columns() }}
        amount as all_numerator,
        case when is_stale then amount end as stale_numerator

    from {{ ref('fct_deal_snapshots') }}

)

{{ kpi_from('open_deals', kind='stock', kpis={
    'pipeline_value': 'all',
    'pipeline_value_stale': 'stale',
}) }}
