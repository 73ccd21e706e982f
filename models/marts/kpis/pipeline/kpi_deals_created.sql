{# Deals that came into the pipeline in the period, whatever became of them. #}
with

created_deals as (

    select
        deal_id as record_id,
        created_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_deals') }}

    where not is_deleted

)

{{ kpi_from('created_deals', kind='count') }}
