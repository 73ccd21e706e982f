{# What a customer paid at the end of each month against the month before: the five movements of MRR. #}
with

customers as (

    select * from {{ ref('dim_customers') }}
    where first_paid_date is not null

),

months as (

    select * from {{ ref('int_subscription_periods') }}
    where period_grain = 'month'

),

spans as (

    select * from {{ ref('int_customer_mrr') }}

),

{# Months without MRR have a row too: without it, the month before would be the last one with MRR. #}
closings as (

    select
        customers.*,
        months.period_start as month_start,
        months.closing_date,
        coalesce(spans.mrr, 0) as mrr

    from customers
    inner join months on customers.cohort_month <= months.period_start
    left join spans
        on customers.customer_id = spans.customer_id
        and months.closing_date >= spans.valid_from
        and (spans.valid_to is null or months.closing_date < spans.valid_to)

),

compared as (

    select
        *,
        coalesce(lag(mrr) over (partition by customer_id order by month_start), 0) as opening_mrr,
        coalesce(max(case when mrr = 0 then 1 else 0 end) over (
            partition by customer_id
            order by month_start
            rows between unbounded preceding and 1 preceding
        ), 0) as months_lost_before

    from closings

),

{# Coming, leaving and returning are looked for before more and less: they are more or less, too. #}
moved as (

    select
        *,
        case
            when mrr > 0 and opening_mrr = 0 and month_start = cohort_month then 'new'
            when mrr > 0 and opening_mrr = 0 then 'reactivation'
            when mrr = 0 and opening_mrr > 0 then 'churn'
            when mrr > opening_mrr then 'expansion'
            when mrr < opening_mrr then 'contraction'
            else 'none'
        end as movement

    from compared

)

select

    ---------- ids
    customer_id,

    ---------- text
    rep,
    team,
    channel,
    campaign,
    segment,
    region,
    movement,

    ---------- numerics
    {{ amount('opening_mrr') }} as opening_mrr,
    {{ amount('mrr') }} as mrr,
    {{ amount('mrr - opening_mrr') }} as movement_amount,
    {{ months_between('cohort_month', 'month_start') }}
        as months_since_first,

    ---------- booleans
    opening_mrr > 0 as was_customer,
    mrr > 0 as is_customer,
    month_start = cohort_month as is_first_month,
    months_lost_before = 0 as is_first_spell,
    closing_date = {{ period_last_day('month', 'month_start') }} as is_complete_month,

    ---------- dates
    cohort_month,
    month_start,
    closing_date

from moved
