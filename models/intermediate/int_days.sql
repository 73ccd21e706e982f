{{ config(materialized='table') }}

{# Every day from the first event to the end of the year after the as-of date: at most 65,536 days. #}
with

clock as (

    select * from {{ ref('int_clock') }}

),

numbers as (

    {{ dbt.generate_series(65536) }}

),

days as (

    select
        cast({{ dbt.dateadd('day', 'cast(numbers.generated_number - 1 as integer)', 'clock.first_date') }} as date)
            as calendar_date,
        clock.as_of_date

    from numbers
    cross join clock

)

select calendar_date

from days

where calendar_date < {{ dbt.dateadd('year', 2, dbt.date_trunc('year', 'as_of_date')) }}
