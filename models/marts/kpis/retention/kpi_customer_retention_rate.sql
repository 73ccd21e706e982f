{# Of the customers at the beginning of the period, the share that are customers at its end, and the share
   that are not. Who came in between is in neither side. #}
with

customers_at_start as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        case when in_end then 1 else 0 end as retained_numerator,
        1 as retained_denominator,
        case when in_end then 0 else 1 end as churned_numerator,
        1 as churned_denominator

    from {{ ref('fct_customer_periods') }}

    where in_start

)

{{ kpi_from('customers_at_start', kind='rate', per_grain=true, kpis={
    'customer_retention_rate': 'retained',
    'logo_churn_rate': 'churned',
}) }}
