{# Pages that people opened: robots and refreshes left out. #}
with

page_views as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_content_views') }}

    where is_view and content_type = 'page'

)

{{ kpi_from('page_views', kind='count') }}
