{# I11: customers at the end of a month are those of the month before, and who came and came back, less who
   left. And each kind of period begins with the customers that the one before ended with. #}
with

months as (

    select
        'month' as period_grain,
        month_start as period_start,
        sum(case when is_customer then 1 else 0 end) as closing_customers,
        sum(
            case
                when movement in ('new', 'reactivation') then 1
                when movement = 'churn' then -1
                else 0
            end
        ) as moved_customers

    from {{ ref('fct_customer_months') }}

    group by 1, 2

),

rolled as (

    select
        period_grain,
        period_start,
        closing_customers,
        coalesce(lag(closing_customers) over (order by period_start), 0) + moved_customers as rolled_customers
    from months

),

periods as (

    select
        period_grain,
        period_start,
        sum(case when in_start then 1 else 0 end) as opening_customers,
        sum(case when in_end then 1 else 0 end) as closing_customers,
        sum(opening_mrr) as opening_mrr,
        sum(closing_mrr) as closing_mrr

    from {{ ref('fct_customer_periods') }}

    group by 1, 2

),

followed as (

    select
        *,
        lag(closing_customers) over (partition by period_grain order by period_start) as previous_customers,
        lag(closing_mrr) over (partition by period_grain order by period_start) as previous_mrr
    from periods

)

select
    rolled.period_grain,
    rolled.period_start,
    rolled.closing_customers,
    rolled.rolled_customers as expected_customers
from rolled
where rolled.closing_customers != rolled.rolled_customers

union all

select
    period_grain,
    period_start,
    opening_customers as closing_customers,
    coalesce(previous_customers, 0) as expected_customers
from followed
where
    opening_customers != coalesce(previous_customers, 0)
    or opening_mrr != coalesce(previous_mrr, 0)

union all

{# The two facts count the same customers. #}
select
    followed.period_grain,
    followed.period_start,
    followed.closing_customers,
    rolled.closing_customers as expected_customers
from followed
left join rolled
    on followed.period_grain = rolled.period_grain
    and followed.period_start = rolled.period_start
where
    followed.period_grain = 'month'
    and followed.closing_customers != coalesce(rolled.closing_customers, 0)
