{# Money without a rate is left out of every sum. Add the currency's rate for the day to the currency_rates
   entity. #}
select
    'fct_deals' as fact,
    currency,
    coalesce(closed_date, {{ as_of() }}) as rate_date,
    count(*) as amounts
from {{ ref('fct_deals') }}
where is_missing_rate
group by 1, 2, 3

union all

select
    'fct_leads' as fact,
    currency,
    {{ as_of() }} as rate_date,
    count(*) as amounts
from {{ ref('fct_leads') }}
where is_missing_rate
group by 1, 2, 3

union all

select
    'fct_spend' as fact,
    currency,
    spend_date as rate_date,
    count(*) as amounts
from {{ ref('fct_spend') }}
where is_missing_rate
group by 1, 2, 3
