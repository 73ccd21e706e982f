with

deals as (

    select * from {{ ref('stg_deals') }}

),

lead_people as (

    select
        lead_id,
        person_id
    from {{ ref('stg_leads') }}

),

people as (

    select * from {{ ref('int_leads_merged') }}

),

versions as (

    select * from {{ ref('int_deal_versions') }}

),

rates as (

    select * from {{ ref('int_currency_rates_daily') }}

),

accounts as (

    select * from {{ ref('dim_accounts') }}

),

channels as (

    select * from {{ ref('dim_channels') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

{# Before its first month of known spend, what a customer cost is unknown, not zero. #}
first_spend as (

    select {{ period_start('month', 'min(spend_date)') }} as first_month
    from {{ ref('stg_spend') }}
    where spend_date <= {{ as_of() }}

),

latest as (

    select * from versions
    where valid_to is null

),

ordered as (

    select
        deal_id,
        outcome,
        lag(outcome) over (partition by deal_id order by version_number) as previous_outcome,
        valid_from_date
    from versions

),

{# One deal has one outcome, the current one. How often it came back from the dead is only counted. #}
reopened as (

    select
        deal_id,
        count(*) as reopen_count
    from ordered
    where outcome = 'open' and previous_outcome != 'open'
    group by 1

),

{# A deal that the CRM says is closed, but not when, and whose history does not say either: it is in no period. #}
current_deals as (

    select
        deals.deal_id,
        people.lead_id,
        deals.lead_id is not null and people.lead_id is null as has_unknown_lead,
        deals.account_id,
        {# Who bought: the account; where deals have none, the lead's person; else each deal is a customer
           of its own. The three are numbered by tables of their own, and 17 may be in each. #}
        coalesce(
            deals.account_id,
            {{ dbt.concat(["'lead '", 'people.lead_id']) }},
            {{ dbt.concat(["'deal '", 'deals.deal_id']) }}
        ) as customer_id,
        latest.rep_id,
        coalesce(deals.channel, people.channel) as channel,
        coalesce(deals.campaign, people.campaign) as campaign,
        coalesce(accounts.segment, people.segment) as segment,
        coalesce(accounts.region, people.region) as region,
        deals.pipeline,
        latest.stage,
        case when deals.is_deleted then 'deleted' else latest.outcome end as outcome,
        deals.lost_reason,
        coalesce(deals.loss_kind, 'competitive') as loss_kind,
        latest.amount,
        latest.currency,
        latest.expected_close_date,
        coalesce(reopened.reopen_count, 0) as reopen_count,
        {{ reporting_date('deals.created_at') }} as created_date,
        case when latest.outcome != 'open' and latest.is_dated then latest.valid_from_date end as closed_date,
        people.qualified_at is not null and people.qualified_at <= deals.created_at as is_lead_qualified

    from deals
    inner join latest on deals.deal_id = latest.deal_id
    left join reopened on deals.deal_id = reopened.deal_id
    left join lead_people on deals.lead_id = lead_people.lead_id
    left join people on lead_people.person_id = people.lead_id
    left join accounts on deals.account_id = accounts.account_id

),

{# Money is converted at the rate of the day it belongs to: the close date, or the as-of date while the deal
   is open. #}
converted as (

    select
        current_deals.*,
        {{ converted('current_deals.amount', 'rates.rate') }} as reporting_amount,
        current_deals.amount is not null and rates.rate is null as is_missing_rate

    from current_deals
    left join rates
        on current_deals.currency = rates.currency
        and coalesce(current_deals.closed_date, {{ as_of() }}) = rates.rate_date

),

won_ranked as (

    select
        deal_id,
        row_number() over (partition by customer_id order by closed_date, deal_id) as win_number

    from converted

    where outcome = 'won' and closed_date is not null

)

select

    ---------- ids
    converted.deal_id,
    converted.lead_id,
    converted.account_id,
    converted.customer_id,
    converted.rep_id,

    ---------- text
    reps.rep,
    reps.team,
    converted.channel,
    converted.campaign,
    converted.segment,
    converted.region,
    converted.pipeline,
    converted.stage,
    converted.outcome,
    case when converted.outcome = 'lost' then converted.lost_reason end as lost_reason,
    case
        when converted.outcome = 'invalid' then 'invalid'
        when converted.outcome = 'lost' then converted.loss_kind
    end as loss_kind,
    case
        when converted.is_lead_qualified then 'qualified lead'
        when converted.lead_id is not null then 'unqualified lead'
        else 'no lead'
    end as lead_origin,
    converted.currency,

    ---------- numerics
    converted.reporting_amount as amount,
    {{ amount("case when converted.outcome = 'won' then converted.reporting_amount end") }} as won_amount,
    cast(converted.reopen_count as integer) as reopen_count,
    {# A deal that was closed before it was created was typed in later: its cycle is unknown. #}
    case
        when converted.outcome = 'won' and converted.closed_date >= converted.created_date
            then {{ days_between('converted.created_date', 'converted.closed_date') }}
    end as days_to_win,

    ---------- booleans
    converted.outcome = 'open' as is_open,
    converted.outcome = 'won' as is_won,
    converted.outcome = 'lost' and converted.loss_kind != 'invalid' as is_lost,
    converted.outcome = 'invalid' or (converted.outcome = 'lost' and converted.loss_kind = 'invalid') as is_invalid,
    converted.outcome = 'lost' and converted.loss_kind = 'no_decision' as is_no_decision,
    converted.outcome = 'deleted' as is_deleted,
    coalesce(won_ranked.win_number = 1, false) as is_first_win,
    coalesce(channels.is_paid, false) as is_paid_channel,
    coalesce(converted.closed_date >= first_spend.first_month, false) as has_known_cost,
    converted.has_unknown_lead,
    converted.is_missing_rate,
    coalesce(converted.closed_date < converted.created_date, false) as is_closed_before_created,

    ---------- dates
    converted.created_date,
    converted.closed_date,
    converted.expected_close_date

from converted
cross join first_spend
left join reps on converted.rep_id = reps.rep_id
left join channels on converted.channel = channels.channel
left join won_ranked on converted.deal_id = won_ranked.deal_id
