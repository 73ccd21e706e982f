with

people as (

    select * from {{ ref('int_leads_merged') }}

),

deals as (

    select * from {{ ref('fct_deals') }}
    where lead_id is not null and not is_deleted

),

reps as (

    select * from {{ ref('dim_reps') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

),

{# Before its first month of known spend, what a lead cost is unknown, not zero. #}
first_spend as (

    select {{ period_start('month', 'min(spend_date)') }} as first_month
    from {{ ref('stg_spend') }}
    where spend_date <= {{ as_of() }}

),

deal_milestones as (

    select
        lead_id,
        count(*) as deal_count,
        min(created_date) as first_deal_date,
        min(case when is_won then closed_date end) as customer_date,
        max(closed_date) as last_closed_date,
        max(case when is_open then 1 else 0 end) as has_open_deal,
        max(case when is_won then 1 else 0 end) as has_won_deal,
        sum(case when is_open then amount end) as open_deal_amount,
        sum(amount) as deal_amount

    from deals

    group by 1

),

dated as (

    select
        people.*,
        deal_milestones.first_deal_date,
        deal_milestones.customer_date,
        deal_milestones.last_closed_date,
        coalesce(deal_milestones.deal_count, 0) as deal_count,
        coalesce(deal_milestones.has_open_deal, 0) = 1 as has_open_deal,
        coalesce(deal_milestones.has_won_deal, 0) = 1 as became_customer,
        deal_milestones.open_deal_amount,
        deal_milestones.deal_amount,
        {{ reporting_date('people.created_at') }} as created_date,
        {{ reporting_date('people.qualified_at') }} as strictly_qualified_date,
        {{ reporting_date('people.disqualified_at') }} as disqualified_date,
        {{ reporting_date('people.converted_at') }} as converted_date

    from people
    left join deal_milestones on people.lead_id = deal_milestones.lead_id

),

{# Nobody becomes a deal without somebody having found them worth it: conversion implies qualification. #}
qualified as (

    select
        *,
        case
            when strictly_qualified_date is not null then strictly_qualified_date
            when converted_date is null then first_deal_date
            when first_deal_date is null or converted_date < first_deal_date then converted_date
            else first_deal_date
        end as qualified_date

    from dated

),

staged as (

    select
        *,
        case
            when became_customer then 'customer'
            when has_open_deal then 'deal'
            when disqualified_date is not null then 'disqualified'
            when deal_count > 0 then 'lost'
            when qualified_date is not null then 'qualified'
            else 'lead'
        end as journey_stage

    from qualified

),

decided as (

    select
        *,
        case journey_stage
            when 'customer' then customer_date
            when 'disqualified' then disqualified_date
            when 'lost' then last_closed_date
        end as decided_date

    from staged

)

select

    ---------- ids
    decided.lead_id,
    decided.rep_id,

    ---------- text
    reps.rep,
    reps.team,
    decided.source,
    decided.channel,
    decided.campaign,
    decided.segment,
    decided.region,
    decided.country,
    decided.industry,
    {{ score_band_of('decided.lead_score') }} as score_band,
    decided.disqualified_reason,
    decided.journey_stage,
    decided.currency,

    ---------- numerics
    decided.lead_count,
    decided.lead_score,
    cast(decided.deal_count as integer) as deal_count,
    {{ converted('decided.estimated_value', 'rates.rate') }} as estimated_value,
    {# What a lead may bring: what was estimated, else what its deals are worth (the open ones, while there
       are). Never both. #}
    {{ amount(
        'coalesce(' ~ converted('decided.estimated_value', 'rates.rate')
        ~ ', decided.open_deal_amount, decided.deal_amount)'
    ) }} as potential_amount,
    case
        when decided.became_customer
            then {{ days_between('decided.qualified_date', 'decided.customer_date') }}
    end as days_to_customer,
    {{ days_between('decided.created_date', 'decided.qualified_date') }}
        as days_to_qualify,

    ---------- booleans
    decided.strictly_qualified_date is not null as is_strictly_qualified,
    decided.qualified_date is not null as is_qualified,
    decided.disqualified_date is not null as is_disqualified,
    decided.became_customer,
    decided.journey_stage in ('lead', 'qualified', 'deal') as is_open,
    decided.lead_score >= {{ var('high_potential_score') }} as is_high_potential,
    coalesce(decided.created_date >= first_spend.first_month, false) as has_known_cost,
    decided.estimated_value is not null and rates.rate is null as is_missing_rate,

    ---------- dates
    decided.created_date,
    decided.strictly_qualified_date,
    decided.qualified_date,
    decided.disqualified_date,
    decided.converted_date,
    decided.first_deal_date,
    decided.customer_date,
    {# The day the lead left the open leads. One that left on an unknown day, or before it came, never was among
       them. #}
    case
        when decided.journey_stage in ('lead', 'qualified', 'deal') then null
        when decided.decided_date is null or decided.decided_date < decided.created_date then decided.created_date
        else decided.decided_date
    end as left_open_date

from decided
cross join first_spend
left join reps on decided.rep_id = reps.rep_id
left join rates
    on decided.currency = rates.currency
    and rates.rate_date = {{ as_of() }}
