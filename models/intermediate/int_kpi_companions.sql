{# What each KPI is never shown without. #}
with

cards as (

    select * from {{ ref('kpis') }}

)

select
    cards.kpi,
    companions.kpi as companion

from cards
inner join cards as companions
    on {{ is_named_in('companions.kpi', 'cards.companions') }}
