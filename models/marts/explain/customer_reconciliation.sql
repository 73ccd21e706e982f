{# Who is a customer by one source and not by the other: the list to go through with sales and finance. #}
with

customers as (

    select * from {{ ref('fct_customer_sightings') }}

)

select

    ---------- ids
    customer_id,
    first_deal_id,

    ---------- text
    rep,
    case
        when is_matched then 'both'
        when is_in_crm then 'deals'
        else 'subscriptions'
    end as seen_by,
    case
        when is_matched then 'matched'
        when is_too_recent then 'too recent to judge'
        when is_in_crm then 'won, and never billed'
        else 'billed, and never won'
    end as finding,

    ---------- numerics
    {{ days_between('first_won_date', 'first_paid_date') }} as days_from_win_to_bill,

    ---------- booleans
    is_matched,
    is_too_recent,

    ---------- dates
    first_won_date,
    first_paid_date

from customers
