{# A tolerance is a share of the target, a smallest number of records is a number: anything else would paint
   every card in one colour. #}
select
    kpi,
    tolerance,
    min_n

from {{ ref('kpis') }}

where tolerance < 0 or tolerance >= 1 or min_n < 0
