{# Whether a slice can be judged at all: a health check that knows only the win rate is none. Four of the seven
   families must have something to say in the last complete period. #}
{% set families = ['volume', 'quality', 'conversion', 'value', 'cost', 'speed', 'retention'] %}
with

scorecard as (

    select * from {{ ref('kpi_scorecard') }}
    where is_latest

),

by_family as (

    select
        as_of_date,
        slice,
        slice_value,
        family,
        count(value) as kpis_known,
        sum(case when status = 'green' then 1 else 0 end) as green,
        sum(case when status = 'amber' then 1 else 0 end) as amber,
        sum(case when status = 'red' then 1 else 0 end) as red

    from scorecard

    where family in ('{{ families | join("', '") }}')

    group by as_of_date, slice, slice_value, family

),

counted as (

    select
        as_of_date,
        slice,
        slice_value,
        sum(case when kpis_known > 0 then 1 else 0 end) as families_known,
        {%- for family in families %}
        sum(case when family = '{{ family }}' then kpis_known else 0 end) as {{ family }}_kpis,
        {%- endfor %}
        sum(green) as green,
        sum(amber) as amber,
        sum(red) as red

    from by_family

    group by as_of_date, slice, slice_value

)

select
    as_of_date,
    slice,
    slice_value,
    cast(families_known as integer) as families_known,
    {%- for family in families %}
    cast({{ family }}_kpis as integer) as {{ family }}_kpis,
    {%- endfor %}
    cast(green as integer) as green,
    cast(amber as integer) as amber,
    cast(red as integer) as red,
    families_known >= 4 as passes,
    case
        when families_known >= 4 then 'broad enough to judge'
        else {{ dbt.concat([
            'cast(families_known as ' ~ dbt.type_string() ~ ')',
            "' of 7 families known, 4 are needed'"
        ]) }}
    end as reason

from counted
