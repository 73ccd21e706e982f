{# What the deals that came into the pipeline in the period are worth today. #}
with

created_deals as (

    select
        deal_id as record_id,
        created_date as period_date,
        {{ slice_columns() }}
        amount as numerator

    from {{ ref('fct_deals') }}

    where not is_deleted

)

{{ kpi_from('created_deals', kind='sum') }}
