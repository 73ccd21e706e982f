{# What all customers of the end of the period are worth: each the customer lifetime value of the period. Both sides are
   those of the lifetime value, the first for each of them. #}
{% set revenue = ratio('mrr * at_risk', 'customers') %}
with

customer_months as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        mrr,
        case when is_customer then 1 else 0 end as customers,
        case when is_customer then 1 else 0 end as closing_customers,
        case when was_customer then 1 else 0 end as at_risk,
        case when movement = 'churn' then 1 else 0 end as churned

    from {{ ref('fct_customer_months') }}

)

{{ kpi_from(
    'customer_months',
    kind='derived',
    whole_months=true,
    measures=['mrr', 'customers', 'closing_customers', 'at_risk', 'churned'],
    stocks=['closing_customers'],
    numerator='coalesce(closing_customers * ' ~ revenue ~ ', 0)',
    denominator='churned',
    n='coalesce(closing_customers, 0)',
) }}
