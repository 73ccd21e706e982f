{# Records in the CRM's log. How many there are is volume, not capability: they are counted, and kept off the
   scorecard. #}
with

activities as (

    select
        activity_id as record_id,
        occurred_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_activities') }}

)

{{ kpi_from('activities', kind='count') }}
