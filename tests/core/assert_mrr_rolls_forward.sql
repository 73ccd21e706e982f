{# I10: what was there, what came, came back and grew, less what shrank and left, is what is there; and all
   movements so far are the MRR of today. The opening is the month before, taken from its own rows. #}
with

months as (

    select
        month_start,
        sum(mrr) as closing_mrr,
        sum(case when movement = 'new' then movement_amount else 0 end) as new_mrr,
        sum(case when movement = 'reactivation' then movement_amount else 0 end) as reactivation_mrr,
        sum(case when movement = 'expansion' then movement_amount else 0 end) as expansion_mrr,
        -sum(case when movement = 'contraction' then movement_amount else 0 end) as contraction_mrr,
        -sum(case when movement = 'churn' then movement_amount else 0 end) as churn_mrr,
        min(
            case
                when movement in ('contraction', 'churn') then -movement_amount
                when movement = 'none' then case when movement_amount = 0 then 1 else 0 end
                else movement_amount
            end
        ) as least_movement

    from {{ ref('fct_customer_months') }}

    group by 1

),

rolled as (

    select
        *,
        coalesce(lag(closing_mrr) over (order by month_start), 0)
        + new_mrr + reactivation_mrr + expansion_mrr - contraction_mrr - churn_mrr as rolled_mrr,
        sum(new_mrr + reactivation_mrr + expansion_mrr - contraction_mrr - churn_mrr) over (
            order by month_start
        ) as moved_mrr

    from months

)

select *

from rolled

where
    closing_mrr != rolled_mrr
    or closing_mrr != moved_mrr
    or least_movement <= 0
