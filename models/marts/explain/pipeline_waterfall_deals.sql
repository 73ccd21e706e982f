{# What each deal did to the pipeline in each period. The openings and closings are the snapshots that pipeline_value
   is made of; what lies between them comes from the events alone, so that the balance is a test and not a plug. #}
{% set flows = ['created', 'reopened', 'pulled_in', 'pushed_out', 'revalued', 'exchange', 'won', 'lost', 'deleted'] %}
with

{# A look at a deal that the rates left as it was moved nothing. #}
events as (

    select * from {{ ref('fct_pipeline_events') }}
    where kind != 'looked at' or exchange_amount != 0

),

snapshots as (

    select * from {{ ref('fct_deal_snapshots') }}

),

deals as (

    select * from {{ ref('fct_deals') }}

),

scopes as (

    select 'pipeline' as scope
    union all
    select 'due' as scope

),

{# is_due and was_due: the deal is expected to close in the period, after and before what happened. What leaves
   the pipeline does so in the period, whenever it was expected. #}
dated as (
    {%- for grain in var('kpi_periods') %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'event_date') }} as period_start,
        deal_id,
        event_number,
        kind,
        coalesce(amount, 0) as amount,
        previous_amount,
        revalued_amount,
        exchange_amount,
        was_open and coalesce(
            {{ period_start(grain, 'previous_expected_close_date') }} = {{ period_start(grain, 'event_date') }}, false
        ) as was_due,
        not is_open or coalesce(
            {{ period_start(grain, 'expected_close_date') }} = {{ period_start(grain, 'event_date') }}, false
        ) as is_due

    from events
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

{# A deal comes into the due ones at what it is worth then, and leaves them at what it was worth before. #}
turnovers as (

    select
        period_grain,
        period_start,
        deal_id,
        max(event_number) as last_event_number,
        {%- for kind in ['created', 'reopened', 'won', 'lost', 'deleted'] %}
        {{ amount("sum(case when kind = '" ~ kind ~ "' then amount else 0 end)") }} as {{ kind }},
        {%- endfor %}
        {{ amount('sum(revalued_amount)') }} as revalued,
        {{ amount('sum(exchange_amount)') }} as exchange,
        {%- for kind in ['created', 'reopened'] %}
        {{ amount("sum(case when kind = '" ~ kind ~ "' and is_due then amount else 0 end)") }} as due_{{ kind }},
        {%- endfor %}
        {{ amount(
            "sum(case when kind in ('changed', 'won', 'lost', 'deleted') and is_due and not was_due then amount else 0 end)"
        ) }} as due_pulled_in,
        {{ amount("sum(case when kind = 'changed' and was_due and not is_due then previous_amount else 0 end)") }}
            as due_pushed_out,
        {{ amount('sum(case when was_due and is_due then revalued_amount else 0 end)') }} as due_revalued,
        {{ amount('sum(case when was_due then exchange_amount else 0 end)') }} as due_exchange,
        max(case when was_due or is_due then 1 else 0 end) as is_in_due

    from dated

    group by 1, 2, 3

),

openings as (
    {%- for grain in var('kpi_periods') %}
    {%- set next_day = 'cast(' ~ dbt.dateadd('day', 1, 'snapshot_date') ~ ' as date)' %}

    select
        '{{ grain }}' as period_grain,
        {{ next_day }} as period_start,
        deal_id,
        rep,
        team,
        stage,
        coalesce(amount, 0) as amount,
        coalesce({{ period_start(grain, 'expected_close_date') }} = {{ next_day }}, false) as is_due

    from snapshots

    where
        snapshot_date = {{ period_last_day(grain, 'snapshot_date') }}
        and snapshot_date < {{ as_of() }}
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

closings as (
    {%- for grain in var('kpi_periods') %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'snapshot_date') }} as period_start,
        deal_id,
        rep,
        team,
        stage,
        coalesce(amount, 0) as amount,
        coalesce(
            {{ period_start(grain, 'expected_close_date') }} = {{ period_start(grain, 'snapshot_date') }}, false
        ) as is_due

    from snapshots

    where snapshot_date = least({{ period_last_day(grain, 'snapshot_date') }}, {{ as_of() }})
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

stocks as (

    select
        coalesce(openings.period_grain, closings.period_grain) as period_grain,
        coalesce(openings.period_start, closings.period_start) as period_start,
        coalesce(openings.deal_id, closings.deal_id) as deal_id,
        openings.rep as opening_rep,
        openings.team as opening_team,
        openings.stage as opening_stage,
        closings.deal_id is not null as is_open,
        closings.rep,
        closings.team,
        closings.stage,
        coalesce(openings.amount, 0) as opening,
        coalesce(closings.amount, 0) as closing,
        case when openings.is_due then openings.amount else 0 end as due_opening,
        case when closings.is_due then closings.amount else 0 end as due_closing,
        coalesce(openings.is_due, false) or coalesce(closings.is_due, false) as is_in_due

    from openings
    full outer join closings
        on openings.period_grain = closings.period_grain
        and openings.period_start = closings.period_start
        and openings.deal_id = closings.deal_id

),

gathered as (

    select
        coalesce(stocks.period_grain, turnovers.period_grain) as period_grain,
        coalesce(stocks.period_start, turnovers.period_start) as period_start,
        coalesce(stocks.deal_id, turnovers.deal_id) as deal_id,
        turnovers.last_event_number,
        stocks.opening_rep,
        stocks.opening_team,
        stocks.opening_stage,
        coalesce(stocks.is_open, false) as is_open,
        stocks.rep,
        stocks.team,
        stocks.stage,
        {%- for amount_name in [
            'opening', 'created', 'reopened', 'revalued', 'exchange', 'won', 'lost', 'deleted', 'closing', 'due_opening',
            'due_created', 'due_reopened', 'due_pulled_in', 'due_pushed_out', 'due_revalued', 'due_exchange',
            'due_closing',
        ] %}
        {%- set side = 'stocks' if 'opening' in amount_name or 'closing' in amount_name else 'turnovers' %}
        {{ amount('coalesce(' ~ side ~ '.' ~ amount_name ~ ', 0)') }} as {{ amount_name }},
        {%- endfor %}
        coalesce(stocks.is_in_due, false) or coalesce(turnovers.is_in_due, 0) = 1 as is_in_due

    from stocks
    full outer join turnovers
        on stocks.period_grain = turnovers.period_grain
        and stocks.period_start = turnovers.period_start
        and stocks.deal_id = turnovers.deal_id

)

{# Of whom and where the deal was at the end of the period, or when it left. #}
select

    ---------- ids
    gathered.deal_id,

    ---------- text
    scopes.scope,
    gathered.period_grain,
    {%- for column in ['rep', 'team'] %}
    case
        when gathered.is_open then gathered.{{ column }}
        when lasts.deal_id is not null then lasts.{{ column }}
        else gathered.opening_{{ column }}
    end as {{ column }},
    {%- endfor %}
    deals.channel,
    deals.campaign,
    deals.segment,
    deals.region,
    deals.pipeline,
    case
        when gathered.is_open then gathered.stage
        when lasts.deal_id is not null then lasts.stage
        else gathered.opening_stage
    end as stage,
    gathered.opening_rep,
    gathered.opening_team,
    gathered.opening_stage,

    ---------- numerics
    {%- for name in ['opening'] + flows + ['closing'] %}
    {%- if name in ['won', 'lost', 'deleted'] %}
    gathered.{{ name }},
    {%- elif name in ['pulled_in', 'pushed_out'] %}
    case when scopes.scope = 'due' then gathered.due_{{ name }} else {{ amount(0) }} end as {{ name }},
    {%- else %}
    case when scopes.scope = 'due' then gathered.due_{{ name }} else gathered.{{ name }} end as {{ name }},
    {%- endif %}
    {%- endfor %}

    ---------- dates
    gathered.period_start,
    {{ as_of() }} as as_of_date

from gathered
cross join scopes
left join deals on gathered.deal_id = deals.deal_id
left join events as lasts
    on gathered.deal_id = lasts.deal_id
    and gathered.last_event_number = lasts.event_number

where scopes.scope = 'pipeline' or gathered.is_in_due
