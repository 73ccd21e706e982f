{# Videos that people watched at least in part: robots, refreshes and videos that were never started left
   out. #}
with

video_views as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}
        1 as numerator

    from {{ ref('fct_content_views') }}

    where is_view and content_type = 'video'

)

{{ kpi_from('video_views', kind='count') }}
