{# Where the buyers stand on the as-of date: every person at one stage of the journey. #}
with

stages as (
    {%- for stage in ['lead', 'qualified', 'deal', 'customer', 'lost', 'disqualified'] %}

    select
        '{{ stage }}' as journey_stage,
        {{ loop.index }} as stage_order
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

counted as (

    select
        stages.journey_stage,
        stages.stage_order,
        count(leads.lead_id) as people,
        coalesce(sum(leads.potential_amount), 0) as potential_amount

    from stages
    left join leads on stages.journey_stage = leads.journey_stage

    group by 1, 2

)

select

    ---------- text
    journey_stage,

    ---------- numerics
    cast(stage_order as integer) as stage_order,
    cast(people as {{ dbt.type_bigint() }}) as people,
    {{ ratio('people', 'sum(people) over ()') }} as people_rate,
    {{ amount('potential_amount') }} as potential_amount,

    ---------- dates
    {{ as_of() }} as as_of_date

from counted
