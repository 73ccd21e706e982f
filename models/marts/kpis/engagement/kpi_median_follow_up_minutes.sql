{# How long the follow-ups after a view took, where there was one. #}
with

followed_up_views as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}
        follow_up_minutes as numerator

    from {{ ref('fct_content_views') }}

    where is_view and follow_up_minutes is not null

)

{{ kpi_from('followed_up_views', kind='median') }}
