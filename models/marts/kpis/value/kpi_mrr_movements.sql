{# The five ways in which MRR moves from one month's end to the next; contraction and churn as what they take
   away. A quarter has the movements of its months. #}
with

movements as (

    select
        customer_id as record_id,
        closing_date as period_date,
        {{ slice_columns() }}
        case when movement = 'new' then movement_amount end as new_numerator,
        case when movement = 'expansion' then movement_amount end as expansion_numerator,
        case when movement = 'contraction' then -movement_amount end as contraction_numerator,
        case when movement = 'churn' then -movement_amount end as churn_numerator,
        case when movement = 'reactivation' then movement_amount end as reactivation_numerator

    from {{ ref('fct_customer_months') }}

)

{{ kpi_from('movements', kind='sum', whole_months=true, kpis={
    'mrr_new': 'new',
    'mrr_expansion': 'expansion',
    'mrr_contraction': 'contraction',
    'mrr_churn': 'churn',
    'mrr_reactivation': 'reactivation',
}) }}
