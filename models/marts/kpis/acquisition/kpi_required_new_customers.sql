{# How many new customers the period needs, so that all they are going to bring is the target: the lower the
   lifetime value, the more. The target is the company's and has no slices. #}
{% set lifetime_value = ratio(ratio('mrr * at_risk', 'customers'), 'churned') %}
with

customer_months as (

    select
        customer_id as record_id,
        closing_date as period_date,
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
    slices=[],
    measures=['mrr', 'customers', 'at_risk', 'churned'],
    numerator=lifetime_value_target(),
    denominator=lifetime_value,
    n='at_risk',
) }}
