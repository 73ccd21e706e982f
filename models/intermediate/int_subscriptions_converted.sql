{{ config(materialized='table') }}

{# What a subscription is worth a month in the reporting currency, and when it really ended. #}
with

subscriptions as (

    select * from {{ ref('stg_subscriptions') }}
    where started_on <= {{ as_of() }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

),

{# Constant currency: all that a customer has in a currency is valued at the rate of the day it first
   subscribed in that currency, so that neither time nor a renewal at the same price moves MRR. #}
valued_on as (

    select
        *,
        min(started_on) over (partition by account_id, currency) as rate_date,
        max(started_on) over (partition by account_id) as last_started_on
    from subscriptions

),

{# What ends after the as-of date has not ended. What ends on it is a period closed where the data ends,
   unless the status says that it is over, or the customer's next one starts that day: the horizon of the data
   is not churn, and a change of plan is not two plans. #}
dated as (

    select
        subscription_id,
        account_id,
        plan,
        billing_period,
        status,
        currency,
        amount,
        billing_months,
        started_on,
        rate_date,
        case
            when ended_on < {{ as_of() }} then ended_on
            when
                ended_on = {{ as_of() }}
                and (
                    {{ is_word_of('status', var('ended_statuses')) }}
                    or (started_on < ended_on and last_started_on = ended_on)
                )
                then ended_on
        end as ended_on,
        {{ is_word_of('status', var('trial_statuses')) }} as is_trial

    from valued_on

),

converted as (

    select
        dated.*,
        {{ ratio('dated.amount * rates.rate', 'dated.billing_months') }} as monthly_amount,
        dated.amount is not null and rates.rate is null as is_missing_rate

    from dated
    left join rates
        on dated.currency = rates.currency
        and dated.rate_date = rates.rate_date

)

select
    subscription_id,
    account_id as customer_id,
    plan,
    billing_period,
    status,
    currency,
    amount,
    {# A trial brings nothing yet; a price that nobody knows is unknown, not zero. #}
    case when is_trial then {{ amount(0) }} else monthly_amount end as mrr,
    is_trial,
    is_missing_rate,
    started_on as started_date,
    ended_on as ended_date

from converted
