{# What comes, returns and grows, less what shrinks and leaves, is the change of each month, to a ten-thousandth; the
   opening of a month is the closing of the one before; more bad luck is never more MRR. #}
with

months as (

    select
        *,
        lag(mrr) over (partition by origin_date, scenario order by horizon) as last_mrr
    from {{ ref('mrr_forecast') }}

),

scenarios as (

    select
        origin_date,
        horizon,
        max(case when scenario = 'low' then mrr end) as low_mrr,
        max(case when scenario = 'base' then mrr end) as base_mrr,
        max(case when scenario = 'high' then mrr end) as high_mrr
    from months
    group by 1, 2

)

select
    origin_date,
    scenario,
    horizon
from months
where
    abs(
        opening_mrr + new_mrr + reactivation_mrr + expansion_mrr - contraction_mrr - churn_mrr - mrr
    ) > 0.0001
    or opening_mrr != last_mrr
    or mrr < 0

union all

select
    origin_date,
    'low <= base <= high' as scenario,
    horizon
from scenarios
where low_mrr > base_mrr or base_mrr > high_mrr
