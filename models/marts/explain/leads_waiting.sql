{# The open qualified leads who contacted us and have heard from nobody since, whom an answer can still reach in time
   first, then the most recent: what has waited for long is no longer urgent. #}
with

waits as (

    select
        *,
        {{ dbt.dateadd('minute', var('response_sla_minutes'), 'inbound_at') }} as due_at,
        coalesce(rep, '(none)') as worked_by

    from {{ ref('fct_responses') }}

    where not is_responded and not is_captured

),

leads as (

    select * from {{ ref('fct_leads') }}
    where is_open

),

{# Who writes before anybody has answered waits once; who is not decided is still waiting. #}
waiting as (

    select
        waits.*,
        leads.journey_stage,
        leads.potential_amount

    from waits
    inner join leads on waits.lead_id = leads.lead_id

)

select

    ---------- ids
    response_id,
    lead_id,

    ---------- text
    worked_by as rep,
    journey_stage,

    ---------- numerics
    {%- for place, partition in {'place': '', 'place_of_rep': 'partition by worked_by '}.items() %}
    cast(
        row_number() over (
            {{ partition }}order by case when is_pending then 0 else 1 end asc, inbound_at desc, response_id asc
        ) as {{ dbt.type_bigint() }}
    ) as {{ place }},
    {%- endfor %}
    inbound_count,
    waited_minutes,
    business_waited_minutes,
    potential_amount,

    ---------- booleans
    not is_pending as is_sla_breached,

    ---------- dates
    inbound_date,
    {{ reporting_date('due_at') }} as due_date,
    {{ as_of() }} as as_of_date,

    ---------- timestamps
    inbound_at,
    due_at

from waiting
