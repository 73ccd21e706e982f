{# What a customer pays a month, times the months it is expected to stay: one over the share that leaves
   each month. All of it by the month: a quarter takes the average of its months, weighted by customers.
   Where nobody left, the lifetime is unknown, not endless. Both sides count for all customers at risk: what they would
   pay a month, over how many of them left. A share of six places is too coarse to divide by. #}
{% set revenue = ratio('mrr * at_risk', 'customers') %}
{% set retained_revenue = ratio('mrr * (at_risk - churned)', 'customers') %}
{% set margin = var('gross_margin') %}
{% set discount = var('monthly_discount_rate') %}
{% set loss_and_discount = 'case when churned > 0 then churned + at_risk * ' ~ discount ~ ' end' %}
with

customer_months as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        mrr,
        case when is_customer then 1 else 0 end as customers,
        case when was_customer then 1 else 0 end as at_risk,
        case when movement = 'churn' then 1 else 0 end as churned

    from {{ ref('fct_customer_months') }}

)

{{ kpi_from(
    'customer_months',
    kind='derived',
    whole_months=true,
    measures=['mrr', 'customers', 'at_risk', 'churned'],
    kpis={
        'customer_lifetime_value': {'numerator': revenue, 'denominator': 'churned', 'n': 'at_risk'},
        'customer_lifetime_value_margin': {
            'numerator': revenue ~ ' * ' ~ margin,
            'denominator': 'churned',
            'n': 'at_risk',
        },
        'customer_lifetime_value_discounted': {
            'numerator': retained_revenue ~ ' * ' ~ margin,
            'denominator': loss_and_discount,
            'n': 'at_risk',
        },
        'customer_lifetime_value_discounted_in_advance': {
            'numerator': revenue ~ ' * ' ~ margin ~ ' * (1 + ' ~ discount ~ ')',
            'denominator': loss_and_discount,
            'n': 'at_risk',
        },
    },
) }}
