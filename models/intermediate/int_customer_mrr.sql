{{ config(materialized='table') }}

{# A customer's MRR as steps over time: every start adds, every end takes away, so that subscriptions that
   overlap are summed before anything is compared. #}
with

subscriptions as (

    select * from {{ ref('int_subscriptions_converted') }}
    where mrr is not null and (ended_date is null or ended_date > started_date)

),

steps as (

    select
        customer_id,
        started_date as step_date,
        mrr
    from subscriptions

    union all

    select
        customer_id,
        ended_date as step_date,
        -mrr as mrr
    from subscriptions
    where ended_date is not null

),

{# All that happens on one day is one step: a plan that follows another on the same day leaves no gap. #}
days as (

    select
        customer_id,
        step_date,
        sum(mrr) as mrr
    from steps
    group by 1, 2

),

levels as (

    select
        customer_id,
        step_date as valid_from,
        lead(step_date) over customer as valid_to,
        sum(mrr) over customer as level

    from days

    window customer as (partition by customer_id order by step_date)

),

{# Discounts may outweigh what they reduce: nobody pays less than nothing. #}
spans as (

    select
        customer_id,
        valid_from,
        valid_to,
        {{ amount('greatest(level, 0)') }} as mrr

    from levels

),

previous as (

    select
        *,
        coalesce(lag(mrr) over (partition by customer_id order by valid_from), 0) as previous_mrr
    from spans

),

spells as (

    select
        *,
        sum(case when mrr > 0 and previous_mrr = 0 then 1 else 0 end) over (
            partition by customer_id
            order by valid_from
        ) as spell_number

    from previous

)

select
    customer_id,
    mrr,
    cast(spell_number as integer) as spell_number,
    case
        when mrr > 0 then min(valid_from) over (partition by customer_id, spell_number, mrr > 0)
    end as paying_since,
    valid_from,
    valid_to

from spells
