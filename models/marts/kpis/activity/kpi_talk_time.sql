{# Minutes on the phone. How much somebody talks is volume, not capability: it is counted, and kept off the
   scorecard. #}
with

calls as (

    select
        activity_id as record_id,
        occurred_date as period_date,
        {{ slice_columns() }}
        talk_minutes as numerator

    from {{ ref('fct_activities') }}

    where talk_minutes is not null

)

{{ kpi_from('calls', kind='sum') }}
