{# All KPI models under one another. A new KPI is one more line here. #}
{% set kpi_models = [
    'kpi_leads_created',
    'kpi_qualified_leads',
    'kpi_high_potential_leads',
    'kpi_won_deals',
    'kpi_won_revenue',
    'kpi_new_customers',
    'kpi_qualified_lead_share',
    'kpi_lead_win_rate',
    'kpi_deal_win_rate',
    'kpi_deal_win_rate_value',
    'kpi_close_rate',
    'kpi_win_loss_ratio',
    'kpi_average_deal_size',
    'kpi_average_deal_size_per_account',
    'kpi_pipeline_value',
    'kpi_weighted_pipeline',
    'kpi_pipeline_value_leads',
    'kpi_cac',
    'kpi_cac_per_customer',
    'kpi_cac_fully_loaded',
    'kpi_cac_paid',
    'kpi_cac_lagged',
    'kpi_cac_cohort',
    'kpi_cac_to_deal_size',
    'kpi_sales_roi',
] %}

{%- for kpi_model in kpi_models %}
select
    as_of_date,
    kpi,
    kind,
    period_grain,
    period_start,
    period_end,
    slice,
    slice_value,
    numerator,
    denominator,
    value,
    n,
    ci_low,
    ci_high,
    is_complete_period,
    is_mature
from {{ ref(kpi_model) }}
{% if not loop.last %}
union all
{% endif %}
{%- endfor %}
