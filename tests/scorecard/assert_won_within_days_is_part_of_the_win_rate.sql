{# Whoever was won within some days was won within more, and is a customer of lead_win_rate: of one cohort
   the curve only rises, and never above its end. #}
with

cells as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        max(case when kpi = 'won_within_30_days' then numerator end) as within_30,
        max(case when kpi = 'won_within_60_days' then numerator end) as within_60,
        max(case when kpi = 'won_within_90_days' then numerator end) as within_90,
        max(case when kpi = 'won_within_180_days' then numerator end) as within_180,
        max(case when kpi = 'won_within_30_days' then denominator end) as leads_of_30,
        max(case when kpi = 'won_within_60_days' then denominator end) as leads_of_60,
        max(case when kpi = 'won_within_90_days' then denominator end) as leads_of_90,
        max(case when kpi = 'won_within_180_days' then denominator end) as leads_of_180,
        max(case when kpi = 'lead_win_rate' then numerator end) as customers,
        max(case when kpi = 'lead_win_rate' then denominator end) as leads

    from {{ ref('kpi_values') }}

    group by 1, 2, 3, 4

)

select *

from cells

where
    leads_of_30 > leads
    or leads_of_60 > leads_of_30
    or leads_of_90 > leads_of_60
    or leads_of_180 > leads_of_90
    or within_30 > customers
    or within_60 > customers
    or within_90 > customers
    or within_180 > customers
    or (leads_of_30 is null) != (leads is null)
    or (leads_of_180 = leads_of_30 and (within_180 < within_90 or within_90 < within_60 or within_60 < within_30))
