{# I20: whatever a change is explained by, the effects are the change to the cent and the contributions the growth
   rate. An explanation with something left over, or with a term counted twice, is a story. #}
with

explanations as (

    select
        kpi,
        explanation,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        cut_by,
        max(base_value) as base_value,
        max(value) as value,
        max(change) as change,
        max(growth_rate) as growth_rate,
        sum(effect) as effects,
        sum(contribution) as contributions,
        count(*) as drivers

    from {{ ref('growth_drivers') }}

    group by 1, 2, 3, 4, 5, 6, 7, 8

)

select *

from explanations

where
    abs(value - base_value - effects) >= 0.005
    or change != value - base_value
    or (growth_rate is null) != (base_value = 0)
    or (contributions is null) != (base_value = 0)
    {#- Each contribution is rounded to six places. #}
    or abs(growth_rate - contributions) > 0.000001 * (1 + drivers) + {{ ratio('0.005', 'abs(base_value)') }}
