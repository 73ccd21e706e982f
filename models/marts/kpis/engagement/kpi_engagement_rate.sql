{# Of the length of the videos that people started, the share they watched. #}
with

video_views as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}
        watched_seconds as numerator,
        length_seconds as denominator

    from {{ ref('fct_content_views') }}

    where is_view and content_type = 'video' and watched_seconds is not null and length_seconds > 0

)

{{ kpi_from('video_views', kind='ratio') }}
