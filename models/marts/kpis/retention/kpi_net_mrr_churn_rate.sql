{# What left and shrank less what grew and came back, over the MRR of the beginning. Because of what came
   back it is not one less NRR. #}
with

customers as (

    select
        customer_id as record_id,
        period_grain,
        period_start as period_date,
        {{ slice_columns() }}
        opening_mrr - closing_mrr as numerator,
        case when in_start then opening_mrr end as denominator

    from {{ ref('fct_customer_periods') }}

    where in_start or is_reactivated

)

{{ kpi_from('customers', kind='ratio', per_grain=true) }}
