{# The customers who came over those who were required: 1 is just enough. A high acquisition rate of customers
   of little worth may still be too low. #}
{% set lifetime_value = ratio(ratio('mrr * at_risk', 'customers'), 'churned') %}
with

customer_months as (

    select
        customer_id as record_id,
        closing_date as period_date,
        mrr,
        case when is_customer then 1 else 0 end as customers,
        case when was_customer then 1 else 0 end as at_risk,
        case when movement = 'churn' then 1 else 0 end as churned,
        case when is_first_month then 1 else 0 end as new_customers

    from {{ ref('fct_customer_months') }}

)

{{ kpi_from(
    'customer_months',
    kind='derived',
    whole_months=true,
    slices=[],
    measures=['mrr', 'customers', 'at_risk', 'churned', 'new_customers'],
    numerator='new_customers',
    denominator=ratio(lifetime_value_target(), lifetime_value),
    n='at_risk',
) }}
