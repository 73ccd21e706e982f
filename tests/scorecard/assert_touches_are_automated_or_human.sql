{# I19: in every cell the touches are those of machines and those of people. #}
with

touches as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'touches_per_qualified_lead'

),

parts as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        sum(numerator) as numerator

    from {{ ref('kpi_values') }}

    where kpi in ('automated_touches_per_qualified_lead', 'human_touches_per_qualified_lead')

    group by 1, 2, 3, 4

)

select
    touches.period_grain,
    touches.period_start,
    touches.slice,
    touches.slice_value,
    touches.numerator,
    parts.numerator as of_parts

from touches
left join parts
    on touches.period_grain = parts.period_grain
    and touches.period_start = parts.period_start
    and touches.slice = parts.slice
    and touches.slice_value = parts.slice_value

where touches.numerator != coalesce(parts.numerator, -1)
