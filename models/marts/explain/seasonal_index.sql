{# How the months and quarters of a year differ, the same each year: a period's value over the mean of its
   year, and the mean of that over the years. Only whole years, and never of one alone. #}
with

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where
        kind in ('count', 'sum')
        and slice = 'all'
        and period_grain in ('month', 'quarter')
        and is_complete_period

),

in_years as (

    select
        kpi,
        period_grain,
        period_start,
        {{ period_start('year', 'period_start') }} as year_start,
        value

    from kpi_values

),

compared as (

    select
        *,
        row_number() over (partition by kpi, period_grain, year_start order by period_start) as period_number,
        count(*) over (partition by kpi, period_grain, year_start) as periods_of_year,
        {{ ratio(
            'sum(value) over (partition by kpi, period_grain, year_start)',
            'count(*) over (partition by kpi, period_grain, year_start)'
        ) }} as year_mean

    from in_years

),

shares as (

    select
        kpi,
        period_grain,
        period_number,
        {{ ratio('value', 'year_mean') }} as share_of_mean

    from compared

    where periods_of_year = case period_grain when 'month' then 12 else 4 end

),

averaged as (

    select
        kpi,
        period_grain,
        period_number,
        count(share_of_mean) as years,
        {{ ratio('sum(share_of_mean)', 'count(share_of_mean)') }} as mean_share

    from shares

    group by 1, 2, 3

)

select

    ---------- text
    kpi,
    period_grain,

    ---------- numerics
    cast(period_number as integer) as period_number,
    cast(years as integer) as years,
    {{ amount('case when years >= 2 then mean_share end') }} as seasonal_index,

    ---------- dates
    {{ as_of() }} as as_of_date

from averaged
