{{ config(materialized='table') }}

{# The working time of each team, added up day by day: between two instants lies the difference of two sums,
   however far apart they are. #}
{% set start_second = (var('working_hours').start * 3600) | int %}
{% set end_second = (var('working_hours').end * 3600) | int %}
with

{# In some time zone the day before the first event is not over when that event happens. #}
days as (

    select calendar_date from {{ ref('int_days') }}

    union all

    select cast({{ dbt.dateadd('day', -1, 'min(calendar_date)') }} as date) as calendar_date
    from {{ ref('int_days') }}

),

calendars as (

    select 'all' as calendar
    union distinct
    select team as calendar from {{ ref('stg_reps') }}
    where team is not null

),

holidays as (

    select * from {{ ref('stg_holidays') }}

),

free_days as (

    select distinct
        calendars.calendar,
        holidays.holiday_date

    from calendars
    inner join holidays
        on holidays.team = 'all'
        or calendars.calendar = holidays.team

),

worked as (

    select
        calendars.calendar,
        days.calendar_date,
        free_days.holiday_date is null
        {# Days since a Monday tell the weekday, whatever the engine calls its first. #}
        and mod({{ days_between("cast('1900-01-01' as date)", 'days.calendar_date') }}, 7) + 1
        in ({{ var('working_days') | join(', ') }}) as is_working_day

    from days
    cross join calendars
    left join free_days
        on calendars.calendar = free_days.calendar
        and days.calendar_date = free_days.holiday_date

)

select
    calendar,
    calendar_date,
    is_working_day,
    cast(sum(case when is_working_day then {{ end_second - start_second }} else 0 end) over (
        partition by calendar
        order by calendar_date
    ) - case when is_working_day then {{ end_second - start_second }} else 0 end as {{ dbt.type_bigint() }})
        as seconds_before

from worked
