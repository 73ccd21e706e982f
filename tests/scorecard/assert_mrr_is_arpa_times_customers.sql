{# I13 and I14: MRR is what a customer pays times the customers; the year is twelve months; and by the month,
   the lifetime value times the customers who left is what the customers at risk pay at the ARPA.
   Customer equity is the lifetime value of the period for each customer of its end; both go by whole months. #}
with

kpis as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        coalesce(max(case when kpi = 'mrr' then value end), 0) as mrr,
        coalesce(max(case when kpi = 'arr' then value end), 0) as arr,
        coalesce(max(case when kpi = 'active_customers' then value end), 0) as customers,
        max(case when kpi = 'arpa' then value end) as arpa,
        max(case when kpi = 'logo_churn_rate' then numerator end) as churned,
        max(case when kpi = 'logo_churn_rate' then denominator end) as at_risk,
        max(case when kpi = 'customer_lifetime_value' then value end) as lifetime_value,
        max(case when kpi = 'customer_lifetime_value_margin' then value end) as lifetime_margin,
        max(case when kpi = 'customer_equity' then value end) as equity

    from {{ ref('kpi_values') }}

    group by 1, 2, 3, 4

)

select *

from kpis

where
    abs(mrr - coalesce(arpa, 0) * customers) > 0.000001 * (1 + customers)
    or arr != 12 * mrr
    or (arpa is null) != (customers = 0)
    or (
        period_grain = 'month'
        and (
            (lifetime_value is null) != (coalesce(churned, 0) = 0 or customers = 0)
            or abs(lifetime_value * churned - arpa * at_risk) > 0.000001 * (1 + at_risk)
            or abs(lifetime_margin * churned - arpa * at_risk * {{ var('gross_margin') }}) > 0.000001 * (1 + at_risk)
        )
    )
    or (
        period_grain != 'week'
        and abs(equity - lifetime_value * customers) > 0.000001 * (1 + customers)
    )
