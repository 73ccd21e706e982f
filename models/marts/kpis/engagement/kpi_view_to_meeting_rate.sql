{# Of the views of people we know, the share after which a meeting with them was asked for. #}
with

content_views as (

    select
        view_id as record_id,
        viewed_date as period_date,
        {{ slice_columns() }}
        case when led_to_meeting then 1 else 0 end as numerator,
        1 as denominator

    from {{ ref('fct_content_views') }}

    where is_view and led_to_meeting is not null

)

{{ kpi_from('content_views', kind='rate') }}
