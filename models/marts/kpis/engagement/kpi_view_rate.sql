{# Of the videos that people opened, the share they started to watch. #}
with

opened_videos as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}
        case when is_view then 1 else 0 end as numerator,
        1 as denominator

    from {{ ref('fct_content_views') }}

    where is_opened and content_type = 'video' and watched_seconds is not null

)

{{ kpi_from('opened_videos', kind='rate') }}
