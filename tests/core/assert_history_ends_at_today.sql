{# The open pipeline that history rebuilds for the as-of date is the open pipeline of the deals themselves. #}
with

rebuilt as (

    select
        deal_id,
        amount
    from {{ ref('fct_deal_snapshots') }}
    where snapshot_date = {{ as_of() }}

),

current_deals as (

    select
        deal_id,
        amount
    from {{ ref('fct_deals') }}
    where is_open

)

select
    coalesce(rebuilt.deal_id, current_deals.deal_id) as deal_id,
    rebuilt.amount as rebuilt_amount,
    current_deals.amount as current_amount

from rebuilt
full outer join current_deals on rebuilt.deal_id = current_deals.deal_id

where
    rebuilt.deal_id is null
    or current_deals.deal_id is null
    or coalesce(rebuilt.amount, -1) != coalesce(current_deals.amount, -1)
