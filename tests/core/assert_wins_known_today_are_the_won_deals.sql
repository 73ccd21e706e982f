{# Two ways to the same money: the wins that are known today are the deals that are won today. #}
with

wins as (

    select
        count(*) as won_deals,
        coalesce(sum(won_amount), 0) as won_revenue
    from {{ ref('fct_deal_wins') }}
    where is_current

),

deals as (

    select
        count(*) as won_deals,
        coalesce(sum(won_amount), 0) as won_revenue
    from {{ ref('fct_deals') }}
    where is_won and closed_date is not null

)

select
    wins.won_deals,
    wins.won_revenue
from wins
left join deals
    on wins.won_deals = deals.won_deals
    and wins.won_revenue = deals.won_revenue
where deals.won_deals is null
