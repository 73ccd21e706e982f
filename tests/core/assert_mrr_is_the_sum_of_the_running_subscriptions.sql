{# Added up in another way: at each month's end, the prices of the subscriptions that run then. A spine that
   starts too late, a fan-out of overlapping subscriptions or an end read as the wrong day show here. #}
with

subscriptions as (

    select * from {{ ref('fct_subscriptions') }}
    where mrr is not null

),

months as (

    select
        month_start,
        closing_date,
        sum(mrr) as mrr
    from {{ ref('fct_customer_months') }}
    group by 1, 2

),

running as (

    select
        months.month_start,
        sum(subscriptions.mrr) as mrr

    from months
    inner join subscriptions
        on months.closing_date >= subscriptions.started_date
        and (subscriptions.ended_date is null or months.closing_date < subscriptions.ended_date)

    group by 1

),

first_start as (

    select min(started_date) as first_date
    from subscriptions
    where mrr > 0 and (ended_date is null or ended_date > started_date)

),

first_month as (

    select min(month_start) as first_date
    from months

),

first_days as (

    select
        first_start.first_date as first_start,
        first_month.first_date as first_month
    from first_start
    cross join first_month

)

select
    months.month_start,
    months.mrr,
    running.mrr as mrr_of_subscriptions
from months
left join running on months.month_start = running.month_start
where months.mrr != coalesce(running.mrr, 0)

union all

select
    first_month as month_start,
    null as mrr,
    null as mrr_of_subscriptions
from first_days
where first_start is not null and (first_month is null or first_month > first_start)
