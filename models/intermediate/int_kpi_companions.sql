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
    on {{ dbt.concat(["' '", 'cards.companions', "' '"]) }}
    like {{ dbt.concat(["'% '", 'companions.kpi', "' %'"]) }}
