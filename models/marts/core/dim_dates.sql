with

days as (

    select * from {{ ref('int_days') }}

)

select
    calendar_date,
    {{ period_start('week', 'calendar_date') }} as week_start,
    {{ period_start('month', 'calendar_date') }} as month_start,
    {{ period_start('quarter', 'calendar_date') }} as quarter_start,
    {{ period_start('year', 'calendar_date') }} as year_start,
    calendar_date = {{ period_last_day('week', 'calendar_date') }} as is_week_end,
    calendar_date = {{ period_last_day('month', 'calendar_date') }} as is_month_end,
    calendar_date <= {{ as_of() }} as is_past

from days
