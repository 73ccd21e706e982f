{# I08: closing(t) is opening(t + 1), for each member of each slice and for each deal; a row that is missing is 0. #}
with

rows_of_both as (

    select
        period_grain,
        period_start,
        'deal' as slice,
        deal_id as slice_value,
        opening,
        closing
    from {{ ref('pipeline_waterfall_deals') }}
    where scope = 'pipeline'

    union all

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        opening,
        closing
    from {{ ref('pipeline_waterfall') }}
    where scope = 'pipeline'

),

ends as (

    select
        period_grain,
        period_start as opening_date,
        slice,
        slice_value,
        opening,
        0 as closing
    from rows_of_both

    union all

    select
        period_grain,
        case period_grain
            {%- for grain in var('kpi_periods') %}
            when '{{ grain }}' then {{ period_end(grain, 'period_start') }}
            {%- endfor %}
        end as opening_date,
        slice,
        slice_value,
        0 as opening,
        closing
    from rows_of_both

)

select
    period_grain,
    opening_date,
    slice,
    slice_value,
    sum(opening) as opening,
    sum(closing) as previous_closing

from ends

{# What is open now has no next period yet. #}
where opening_date <= {{ as_of() }}

group by 1, 2, 3, 4

having sum(opening) != sum(closing)
