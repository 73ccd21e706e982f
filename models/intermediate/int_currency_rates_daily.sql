{{ config(materialized='table') }}

{# What one unit of a currency is worth in the reporting currency, day by day: the newest rate that held by
   then. A day before a currency's first rate has none. #}
with

rates as (

    select * from {{ ref('stg_currency_rates') }}
    where currency != '{{ var("reporting_currency") }}'

),

days as (

    select * from {{ ref('int_days') }}

),

periods as (

    select
        currency,
        rate,
        rate_date as valid_from,
        lead(rate_date) over (partition by currency order by rate_date) as valid_to

    from rates

)

select
    periods.currency,
    days.calendar_date as rate_date,
    periods.rate

from periods
inner join days
    on periods.valid_from <= days.calendar_date
    and (periods.valid_to is null or periods.valid_to > days.calendar_date)

union all

select
    '{{ var("reporting_currency") }}' as currency,
    calendar_date as rate_date,
    cast(1 as {{ rate_type() }}) as rate

from days
