{# What a KPI is never shown without must be a KPI itself: a mistyped companion would silently leave the number
   alone. #}
with

cards as (

    select * from {{ ref('kpis') }}

),

companions as (

    select * from {{ ref('int_kpi_companions') }}

),

named as (

    select
        kpi,
        companions,
        length(trim(companions)) - length(replace(trim(companions), ' ', '')) + 1 as words
    from cards
    where companions is not null

)

select
    named.kpi,
    named.companions,
    named.words,
    count(companions.companion) as found

from named
left join companions on named.kpi = companions.kpi

group by named.kpi, named.companions, named.words

having count(companions.companion) != named.words
