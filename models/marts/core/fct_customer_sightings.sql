{# The same thing counted twice: who is a customer, by the CRM and by billing. Only where a company has both. #}
with

wins as (

    select * from {{ ref('fct_deals') }}
    where is_first_win

),

payers as (

    select * from {{ ref('dim_customers') }}
    where first_paid_date is not null

),

sources as (

    select
        (select count(*) from wins) as crm_customers,
        (select count(*) from payers) as billing_customers

),

seen as (

    select customer_id from wins
    union distinct
    select customer_id from payers

),

dated as (

    select
        seen.customer_id,
        wins.deal_id as first_deal_id,
        coalesce(wins.rep, payers.rep) as rep,
        wins.customer_id is not null as is_in_crm,
        payers.customer_id is not null as is_in_billing,
        wins.closed_date as first_won_date,
        payers.first_paid_date,
        case
            when payers.first_paid_date < wins.closed_date then payers.first_paid_date
            else coalesce(wins.closed_date, payers.first_paid_date)
        end as first_seen_date

    from seen
    left join wins on seen.customer_id = wins.customer_id
    left join payers on seen.customer_id = payers.customer_id

)

select
    dated.customer_id,
    dated.first_deal_id,
    dated.rep,
    dated.is_in_crm,
    dated.is_in_billing,
    dated.is_in_crm and dated.is_in_billing as is_matched,
    {# The bill follows the win, and the as-of date may fall between them. #}
    not (dated.is_in_crm and dated.is_in_billing)
    and dated.first_seen_date > {{ dbt.dateadd('day', -health_rule('reconciliation').grace_days, as_of()) }}
        as is_too_recent,
    dated.first_won_date,
    dated.first_paid_date,
    dated.first_seen_date

from dated
cross join sources

where sources.crm_customers > 0 and sources.billing_customers > 0
