{# What the open deals are worth at the end of the period, each times the probability of its stage. A deal
   whose stage then is not known is left out. #}
with

open_deals as (

    select
        deal_id as record_id,
        snapshot_date as period_date,
        {{ slice_columns() }}
        weighted_amount as numerator

    from {{ ref('fct_deal_snapshots') }}

)

{{ kpi_from('open_deals', kind='stock') }}
