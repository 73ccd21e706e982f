{# A hundred deals a month are not a hundred a year: a target without a period grain is for rates, means and
   stocks only. #}
with

targets as (

    select * from {{ ref('kpi_targets') }}

),

cards as (

    select * from {{ ref('kpis') }}

)

select
    targets.kpi,
    targets.target

from targets
inner join cards on targets.kpi = cards.kpi

where targets.period_grain is null and cards.additivity = 'additive'
