{# Money without a rate is in no sum: a customer without a rate looks like one that does not pay. Add the
   currency's rate for the day to the currency_rates entity. #}
select
    'fct_subscriptions' as fact,
    currency,
    started_date as rate_date,
    count(*) as amounts
from {{ ref('fct_subscriptions') }}
where is_missing_rate
group by 1, 2, 3

union all

select
    'fct_payments' as fact,
    currency,
    paid_date as rate_date,
    count(*) as amounts
from {{ ref('fct_payments') }}
where is_missing_rate
group by 1, 2, 3
