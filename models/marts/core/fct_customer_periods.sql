{# Who was a customer when a period began, who when it ended, and who came in between. Each kind of period is
   compared with its own beginning: a year's retention is no product of months. #}
with

customers as (

    select * from {{ ref('dim_customers') }}

),

periods as (

    select * from {{ ref('int_subscription_periods') }}

),

paying as (

    select * from {{ ref('int_customer_mrr') }}
    where mrr > 0

),

survival as (

    select * from {{ ref('dim_survival') }}

),

openings as (

    select
        paying.customer_id,
        periods.period_grain,
        periods.period_start,
        paying.mrr

    from periods
    inner join paying
        on periods.opening_date >= paying.valid_from
        and (paying.valid_to is null or periods.opening_date < paying.valid_to)

),

closings as (

    select
        paying.customer_id,
        periods.period_grain,
        periods.period_start,
        paying.mrr,
        {{ months_between('paying.paying_since', 'periods.closing_date') }}
            as months_survived

    from periods
    inner join paying
        on periods.closing_date >= paying.valid_from
        and (paying.valid_to is null or periods.closing_date < paying.valid_to)

),

{# Who came and left within the period was a new customer all the same. #}
newcomers as (

    select
        customers.customer_id,
        periods.period_grain,
        periods.period_start

    from periods
    inner join customers
        on periods.period_start <= customers.first_paid_date
        and periods.closing_date >= customers.first_paid_date

),

seen as (

    select
        customer_id,
        period_grain,
        period_start
    from openings
    union distinct
    select
        customer_id,
        period_grain,
        period_start
    from closings
    union distinct
    select
        customer_id,
        period_grain,
        period_start
    from newcomers

)

select

    ---------- ids
    seen.customer_id,

    ---------- text
    seen.period_grain,
    customers.rep,
    customers.team,
    customers.channel,
    customers.campaign,
    customers.segment,
    customers.region,

    ---------- numerics
    {{ amount('coalesce(openings.mrr, 0)') }} as opening_mrr,
    {{ amount('coalesce(closings.mrr, 0)') }} as closing_mrr,
    {# What of the opening MRR is left: more than it was is no retention. #}
    {{ amount('least(coalesce(openings.mrr, 0), coalesce(closings.mrr, 0))') }} as retained_mrr,
    closings.months_survived,
    {{ amount('closings.mrr * survival.residual_lifetime_months') }} as predicted_value,

    ---------- booleans
    openings.customer_id is not null as in_start,
    closings.customer_id is not null as in_end,
    newcomers.customer_id is not null as is_new,
    openings.customer_id is null and newcomers.customer_id is null as is_reactivated,
    periods.is_snapshot,

    ---------- dates
    seen.period_start,
    periods.closing_date

from seen
inner join periods
    on seen.period_grain = periods.period_grain
    and seen.period_start = periods.period_start
inner join customers on seen.customer_id = customers.customer_id
left join openings
    on seen.customer_id = openings.customer_id
    and seen.period_grain = openings.period_grain
    and seen.period_start = openings.period_start
left join closings
    on seen.customer_id = closings.customer_id
    and seen.period_grain = closings.period_grain
    and seen.period_start = closings.period_start
left join newcomers
    on seen.customer_id = newcomers.customer_id
    and seen.period_grain = newcomers.period_grain
    and seen.period_start = newcomers.period_start
left join survival on closings.months_survived = survival.months_survived
