{# The people behind the views; strangers cannot be told apart and are not counted. #}
with

content_views as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}
        lead_id as numerator_key

    from {{ ref('fct_content_views') }}

    where is_view and lead_id is not null

)

{{ kpi_from('content_views', kind='distinct') }}
