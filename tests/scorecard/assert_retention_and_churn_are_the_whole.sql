{# I12: who stayed and who left are all; so are the MRR that is left and the MRR that is lost; what grew is on
   top of it, so NRR is at least GRR, which is at most 1. #}
with

kpis as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        max(case when kpi = 'customer_retention_rate' then numerator end) as retained,
        max(case when kpi = 'logo_churn_rate' then numerator end) as churned,
        max(case when kpi = 'customer_retention_rate' then denominator end) as customers,
        max(case when kpi = 'grr' then numerator end) as retained_mrr,
        max(case when kpi = 'gross_mrr_churn_rate' then numerator end) as lost_mrr,
        max(case when kpi = 'nrr' then numerator end) as closing_mrr,
        max(case when kpi = 'grr' then denominator end) as opening_mrr,
        max(case when kpi = 'nrr' then denominator end) as nrr_opening_mrr,
        max(case when kpi = 'grr' then value end) as grr

    from {{ ref('kpi_values') }}

    where kpi in ('customer_retention_rate', 'logo_churn_rate', 'grr', 'gross_mrr_churn_rate', 'nrr')

    group by 1, 2, 3, 4

),

{# What grew, from the fact itself; the whole only, by every kind of period. #}
growth as (

    select
        period_grain,
        period_start,
        sum(case when closing_mrr > opening_mrr then closing_mrr - opening_mrr else 0 end) as grown_mrr

    from {{ ref('fct_customer_periods') }}

    where in_start

    group by 1, 2

)

select kpis.*

from kpis
left join growth
    on kpis.period_grain = growth.period_grain
    and kpis.period_start = growth.period_start

where
    kpis.retained + kpis.churned != kpis.customers
    or kpis.retained_mrr + kpis.lost_mrr != kpis.opening_mrr
    or kpis.opening_mrr != kpis.nrr_opening_mrr
    or kpis.closing_mrr < kpis.retained_mrr
    or kpis.grr > 1
    or (kpis.slice = 'all' and kpis.closing_mrr != kpis.retained_mrr + coalesce(growth.grown_mrr, 0))
