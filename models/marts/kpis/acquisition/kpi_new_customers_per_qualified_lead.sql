{# Customers who came in the period, over the leads that qualified in it: a yield of the period, no cohort,
   and it may exceed 1. Before the month of the first customer, how many came is unknown, not none. #}
with

customers as (

    select * from {{ ref('dim_customers') }}
    where first_paid_date is not null

),

leads as (

    select * from {{ ref('fct_leads') }}
    where is_qualified

),

first_customer as (

    select {{ period_start('month', 'min(first_paid_date)') }} as first_month
    from customers

),

new_customers as (

    select
        customer_id as record_id,
        first_paid_date as period_date,
        {{ slice_columns() }}
        1 as numerator,
        cast(null as integer) as denominator

    from customers

),

qualified_leads as (

    select
        leads.lead_id as record_id,
        leads.qualified_date as period_date,
        {{ slice_columns(of='leads') }}
        0 as numerator,
        1 as denominator

    from leads
    cross join first_customer

    where leads.qualified_date >= first_customer.first_month

),

both_sides as (

    select * from new_customers
    union all
    select * from qualified_leads

)

{{ kpi_from('both_sides', kind='ratio') }}
