{# What a customer pays a month, times the months it is expected to stay: one over the share that leaves
   each month. All of it by the month: a quarter takes the average of its months, weighted by customers.
   Where nobody left, the lifetime is unknown, not endless. #}
{% set arpa = ratio('mrr', 'customers') %}
{% set churn = ratio('churned', 'at_risk') %}
{% set margin = arpa ~ ' * ' ~ var('gross_margin') %}
{% set discount = var('monthly_discount_rate') %}
{% set loss_and_discount = 'case when churned > 0 then ' ~ churn ~ ' + ' ~ discount ~ ' end' %}
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
    measures=['mrr', 'customers', 'at_risk', 'churned'],
    kpis={
        'customer_lifetime_value': {'numerator': arpa, 'denominator': churn, 'n': 'at_risk'},
        'customer_lifetime_value_margin': {'numerator': margin, 'denominator': churn, 'n': 'at_risk'},
        'customer_lifetime_value_discounted': {
            'numerator': margin ~ ' * (1 - ' ~ churn ~ ')',
            'denominator': loss_and_discount,
            'n': 'at_risk',
        },
        'customer_lifetime_value_discounted_in_advance': {
            'numerator': margin ~ ' * (1 + ' ~ discount ~ ')',
            'denominator': loss_and_discount,
            'n': 'at_risk',
        },
    },
) }}
