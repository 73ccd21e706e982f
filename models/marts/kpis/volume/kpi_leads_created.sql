{# People who became leads in the period. #}
with

created_leads as (

    select
        lead_id as record_id,
        created_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_leads') }}

)

{{ kpi_from('created_leads', kind='count') }}
