{# The open deals that should be closed by now, or that nothing has happened to for long, the most money first. #}
{% set days = var('worklists').quiet_deal_days %}
with

deals as (

    select * from {{ ref('fct_deals') }}
    where is_open

),

{# What a person did, or the buyer; that a machine wrote, or a letter came back, is not life. A meeting that is still to
   come is. #}
events as {{ not_kept() }} (

    select
        deal_id,
        lead_id,
        occurred_date as event_date

    from {{ ref('fct_activities') }}

    where not is_automated and not is_undelivered

    union all

    select
        deal_id,
        lead_id,
        case
            when
                is_accepted
                and coalesce(final_status not in ('canceled', 'declined'), true)
                and scheduled_date > requested_date
                then scheduled_date
            else requested_date
        end as event_date

    from {{ ref('fct_meetings') }}

),

of_deals as (

    select
        deal_id,
        max(event_date) as last_date
    from events
    where deal_id is not null
    group by 1

),

{# What is not of a deal is of all deals of the lead. #}
of_leads as (

    select
        lead_id,
        max(event_date) as last_date
    from events
    where deal_id is null and lead_id is not null
    group by 1

),

{# Without any known activity nobody knows which deals are quiet. #}
known_activities as (

    select count(*) as activities from {{ ref('fct_activities') }}

),

dated as (

    select
        deals.*,
        coalesce(deals.rep, '(none)') as worked_by,
        case when known_activities.activities > 0 then greatest(
            deals.created_date,
            coalesce(of_deals.last_date, deals.created_date),
            coalesce(of_leads.last_date, deals.created_date)
        ) end as last_event_date,
        coalesce(deals.expected_close_date < {{ as_of() }}, false) as is_overdue

    from deals
    cross join known_activities
    left join of_deals on deals.deal_id = of_deals.deal_id
    left join of_leads on deals.lead_id = of_leads.lead_id

),

judged as (

    select
        *,
        {{ days_between('last_event_date', as_of()) }} as quiet_days,
        coalesce({{ dbt.dateadd('day', days, 'last_event_date') }} <= {{ as_of() }}, false) as is_quiet

    from dated

),

stale as (

    select
        *,
        case
            when is_overdue then expected_close_date
            else cast({{ dbt.dateadd('day', days, 'last_event_date') }} as date)
        end as due_date

    from judged

    where is_overdue or is_quiet

)

select

    ---------- ids
    deal_id,
    lead_id,

    ---------- text
    worked_by as rep,
    stage,

    ---------- numerics
    {%- for place, partition in {'place': '', 'place_of_rep': 'partition by worked_by '}.items() %}
    cast(
        row_number() over (
            {{ partition }}order by amount desc nulls last, due_date asc, deal_id asc
        ) as {{ dbt.type_bigint() }}
    ) as {{ place }},
    {%- endfor %}
    amount as amount_at_risk,
    cast(case when quiet_days < 0 then 0 else quiet_days end as integer) as quiet_days,

    ---------- booleans
    is_overdue,
    is_quiet,

    ---------- dates
    created_date,
    expected_close_date,
    last_event_date,
    due_date,
    {{ as_of() }} as as_of_date

from stale
