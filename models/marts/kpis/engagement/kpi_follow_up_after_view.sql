{# Of the views of people we know, the share that somebody of ours followed up: in time, and promptly. #}
with

content_views as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}

        case when is_followed_up then 1 when not is_followed_up then 0 end as all_numerator,
        case when is_followed_up is not null then 1 end as all_denominator,

        case when is_followed_up_promptly then 1 when not is_followed_up_promptly then 0 end
            as prompt_numerator,
        case when is_followed_up_promptly is not null then 1 end as prompt_denominator

    from {{ ref('fct_content_views') }}

    where is_view

)

{{ kpi_from('content_views', kind='rate', kpis={
    'follow_up_after_view': 'all',
    'prompt_follow_up_after_view': 'prompt',
}) }}
