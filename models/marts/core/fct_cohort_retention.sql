{# The cohort triangle: of the customers who first paid in a month, who pays so many months later. #}
with

customer_months as (

    select * from {{ ref('fct_customer_months') }}

),

sizes as (

    select
        cohort_month,
        count(*) as customers,
        sum(mrr) as first_mrr
    from customer_months
    where is_first_month
    group by 1

),

triangle as (

    select
        cohort_month,
        months_since_first,
        month_start,
        is_complete_month,
        sum(case when is_customer then 1 else 0 end) as retained_customers,
        sum(mrr) as retained_mrr

    from customer_months

    group by 1, 2, 3, 4

)

select
    triangle.cohort_month,
    triangle.months_since_first,
    triangle.month_start,
    cast(sizes.customers as {{ dbt.type_bigint() }}) as customers,
    cast(triangle.retained_customers as {{ dbt.type_bigint() }}) as retained_customers,
    {{ ratio('triangle.retained_customers', 'sizes.customers') }} as customer_retention_rate,
    {{ amount('sizes.first_mrr') }} as first_mrr,
    {{ amount('triangle.retained_mrr') }} as retained_mrr,
    {{ ratio('triangle.retained_mrr', 'sizes.first_mrr') }} as mrr_retention_ratio,
    {{ amount('sum(triangle.retained_mrr) over ('
        ~ 'partition by triangle.cohort_month order by triangle.months_since_first)') }} as mrr_to_date,
    triangle.is_complete_month

from triangle
inner join sizes on triangle.cohort_month = sizes.cohort_month
