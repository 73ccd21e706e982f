{# How much somebody talks or logs says nothing about capability (A004 to A006): such a KPI may be computed, but
   nobody is measured by it. #}
{{ config(meta={'requirements': ['A004', 'A005', 'A006']}) }}

select
    kpi,
    is_activity_volume,
    on_scorecard

from {{ ref('kpis') }}

where is_activity_volume and on_scorecard
