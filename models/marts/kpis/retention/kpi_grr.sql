{# Of the MRR at the beginning of the period, what is left of it at the end: what left or shrank is gone, what
   grew does not make up for it. The rest is gross churn. #}
with

customers_at_start as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        retained_mrr as retained_numerator,
        opening_mrr as retained_denominator,
        opening_mrr - retained_mrr as lost_numerator,
        opening_mrr as lost_denominator

    from {{ ref('fct_customer_periods') }}

    where in_start

)

{{ kpi_from('customers_at_start', kind='ratio', per_grain=true, kpis={
    'grr': 'retained',
    'gross_mrr_churn_rate': 'lost',
}) }}
