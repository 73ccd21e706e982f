{# From a KPI's first event to the as-of date every period has a row: a missing row is not a zero. #}
with

wholes as (

    select
        kpi,
        period_grain,
        period_start,
        period_end,
        as_of_date,
        lead(period_start) over (partition by kpi, period_grain order by period_start) as next_start

    from {{ ref('kpi_values') }}

    where slice = 'all'

)

select *

from wholes

where
    (next_start is not null and next_start != period_end)
    or (next_start is null and period_end <= as_of_date)
