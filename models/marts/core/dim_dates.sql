with

days as (

    select * from {{ ref('int_days') }}

),

{# The working days of everybody: a holiday of one team is none of the company. #}
business_days as (

    select * from {{ ref('int_business_days') }}
    where calendar = 'all'

)

select
    days.calendar_date,
    {{ period_start('week', 'days.calendar_date') }} as week_start,
    {{ period_start('month', 'days.calendar_date') }} as month_start,
    {{ period_start('quarter', 'days.calendar_date') }} as quarter_start,
    {{ period_start('year', 'days.calendar_date') }} as year_start,
    days.calendar_date = {{ period_last_day('week', 'days.calendar_date') }} as is_week_end,
    days.calendar_date = {{ period_last_day('month', 'days.calendar_date') }} as is_month_end,
    days.calendar_date <= {{ as_of() }} as is_past,
    coalesce(business_days.is_working_day, true) as is_working_day

from days
left join business_days on days.calendar_date = business_days.calendar_date
