with

accepted as (

    select * from {{ ref('stg_currency_rates__checked') }}
    where rejection_code is null

)

{# Two rates of one currency on one day: the higher one, so that every engine takes the same. #}
select
    upper(currency) as currency,
    rate_date,
    cast(max(rate) as {{ rate_type() }}) as rate,
    count(*) as rate_count

from accepted

group by 1, 2
