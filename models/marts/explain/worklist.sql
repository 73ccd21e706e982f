{# What each rep should do next, the most urgent first, in a shape that an outreach tool can take over row by row: one
   action per occasion, with an id that stays as long as the occasion does. #}
{% set text = dbt.type_string() %}
with

reps as (

    select * from {{ ref('dim_reps') }}

),

promising as (

    select * from {{ ref('lead_worklist') }}

),

actions as (

    {# Who has waited for longer is no longer in a hurry: a deal to revive or a lead to pursue. #}
    select
        1 as urgency,
        'answer' as action_type,
        'lead' as entity,
        response_id as occasion_id,
        lead_id as entity_id,
        lead_id,
        rep,
        place,
        'Answer the lead' as action,
        {{ dbt.concat([
            "'Contacted us on '",
            'cast(inbound_date as ' ~ text ~ ')',
            "' and has waited for '",
            in_words(ratio('business_waited_minutes', 60), 1),
            "' working hours, '",
            "case when is_sla_breached then 'longer than agreed.' else 'still in time.' end",
        ]) }} as reason,
        due_date,
        is_sla_breached as is_overdue,
        cast(null as {{ amount_type() }}) as amount_at_risk

    from {{ ref('leads_waiting') }}

    where {{ dbt.dateadd('day', var('worklists').occasion_days, 'inbound_date') }} > {{ as_of() }}

    union all

    select
        2 as urgency,
        'follow_up' as action_type,
        'lead' as entity,
        view_id as occasion_id,
        lead_id as entity_id,
        lead_id,
        rep,
        place,
        'Follow up the view' as action,
        {{ dbt.concat([
            "'Viewed our content '",
            in_words('views'),
            "case when views = 1 then ' time' else ' times' end",
            "', last on '",
            'cast(last_viewed_date as ' ~ text ~ ')',
            "', and has heard from nobody since.'",
        ]) }} as reason,
        due_date,
        is_overdue,
        cast(null as {{ amount_type() }}) as amount_at_risk

    from {{ ref('views_to_follow_up') }}

    union all

    select
        3 as urgency,
        'revive' as action_type,
        'deal' as entity,
        deal_id as occasion_id,
        deal_id as entity_id,
        lead_id,
        rep,
        place,
        case when is_quiet then 'Revive the deal or close it' else 'Agree on a new close date or close the deal' end
            as action,
        trim({{ dbt.concat([
            'case when is_overdue then ' ~ dbt.concat([
                "'Expected to close on '", 'cast(expected_close_date as ' ~ text ~ ')', "'. '"
            ]) ~ " else '' end",
            'case when last_event_date is null then ' ~ "''" ~ ' else ' ~ dbt.concat([
                "case when is_quiet then 'Nothing has happened since ' else 'Last sign of life: ' end",
                'cast(last_event_date as ' ~ text ~ ')',
                "'.'",
            ]) ~ ' end',
        ]) }}) as reason,
        due_date,
        true as is_overdue,
        amount_at_risk

    from {{ ref('stale_deals') }}

    union all

    select
        4 as urgency,
        'pursue' as action_type,
        'lead' as entity,
        lead_id as occasion_id,
        lead_id as entity_id,
        lead_id,
        rep,
        place,
        'Pursue the lead' as action,
        {{ dbt.concat([
            "'Qualified on '",
            'cast(qualified_date as ' ~ text ~ ')',
            "'; leads like it become customers in '",
            percent_in_words('win_rate'),
            "' of cases.'",
        ]) }} as reason,
        cast(null as date) as due_date,
        false as is_overdue,
        cast(null as {{ amount_type() }}) as amount_at_risk

    from promising

),

{# One thing at a time: who waits for an answer is not reminded of a view, and whose deal is to be revived needs no
   second line for the lead. What was set aside comes back once the first is done. #}
compared as (

    select
        *,
        min(urgency) over (partition by coalesce(lead_id, entity_id), case when lead_id is null then entity end)
            as first_urgency
    from actions

),

due as (

    select
        compared.*,
        reps.rep_id,
        promising.expected_value

    from compared
    left join reps on compared.rep = reps.rep
    left join promising on compared.lead_id = promising.lead_id

    where compared.urgency = compared.first_urgency

)

select

    ---------- ids
    {{ dbt.concat(['action_type', "':'", 'occasion_id']) }} as action_id,
    entity_id,
    lead_id,
    rep_id,

    ---------- text
    entity,
    action_type,
    rep,
    action,
    reason,
    case
        when amount_at_risk is not null then 'amount at risk'
        when entity = 'lead' and expected_value is not null then 'expected value'
    end as value_kind,

    ---------- numerics
    cast(
        row_number() over (partition by rep order by urgency, place, entity_id) as {{ dbt.type_bigint() }}
    ) as priority,
    case when entity = 'deal' then amount_at_risk else expected_value end as value,

    ---------- booleans
    is_overdue,

    ---------- dates
    due_date,
    {{ as_of() }} as as_of_date

from due
