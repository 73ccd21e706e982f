{# How long nine in ten took. A cohort is ripe once that long has passed since its end: before, it always
   reads low. #}
with

durations as (

    select
        'lead to qualified' as process,
        days_to_qualify as days
    from {{ ref('fct_leads') }}
    where is_qualified

    union all

    select
        'qualified to customer' as process,
        days_to_customer as days
    from {{ ref('fct_leads') }}
    where became_customer

    union all

    select
        'qualified to deal' as process,
        {{ days_between('qualified_date', 'first_deal_date') }}
            as days
    from {{ ref('fct_leads') }}
    where is_qualified and deal_count > 0

    union all

    select
        'lead to customer' as process,
        {{ days_between('created_date', 'customer_date') }}
            as days
    from {{ ref('fct_leads') }}
    where became_customer

    union all

    select
        'deal created to closed' as process,
        {{ days_between('created_date', 'closed_date') }}
            as days
    from {{ ref('fct_deals') }}
    where closed_date >= created_date

)

select
    process,
    cast(percentile_disc(0.9) within group (order by days) as integer) as days_p90,
    cast(count(*) as {{ dbt.type_bigint() }}) as n

from durations

where days >= 0

group by 1
