{# What each deal did to the pipeline in each period. The openings and closings are the snapshots that pipeline_value
   is made of; what lies between them comes from the events alone, so that the balance is a test and not a plug. #}
{% set flows = ['created', 'reopened', 'pulled_in', 'pushed_out', 'revalued', 'exchange', 'won', 'lost', 'deleted'] %}
{% set moved = [
    'opening', 'created', 'reopened', 'revalued', 'exchange', 'won', 'lost', 'deleted', 'closing', 'due_opening',
    'due_created', 'due_reopened', 'due_pulled_in', 'due_pushed_out', 'due_revalued', 'due_exchange', 'due_closing',
] %}
{% set standing = ['rep', 'team', 'channel', 'campaign', 'segment', 'region', 'pipeline', 'stage'] %}
with

{# A look at a deal that the rates left as it was moved nothing. #}
events as (

    select * from {{ ref('fct_pipeline_events') }}
    where kind != 'looked at' or exchange_amount != 0

),

snapshots as (

    select * from {{ ref('fct_deal_snapshots') }}

),

{# is_due and was_due: the deal is expected to close in the period, after and before what happened. What leaves
   the pipeline does so in the period, whenever it was expected. is_back: it had left before; whose outcome is put right,
   from lost to won, comes back and leaves with the same event. #}
dated as (
    {%- for grain in var('kpi_periods') %}
    {%- set next_day = 'cast(' ~ dbt.dateadd('day', 1, 'snapshot_date') ~ ' as date)' %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'event_date') }} as period_start,
        deal_id,
        kind,
        event_date as known_date,
        event_number,
        coalesce(amount, 0) as amount,
        previous_amount,
        revalued_amount,
        exchange_amount,
        was_open,
        is_open,
        not was_open and kind != 'created' as is_back,
        was_open and coalesce(
            {{ period_start(grain, 'previous_expected_close_date') }} = {{ period_start(grain, 'event_date') }}, false
        ) as was_due,
        not is_open or coalesce(
            {{ period_start(grain, 'expected_close_date') }} = {{ period_start(grain, 'event_date') }}, false
        ) as is_due

    from events

    union all

    select
        '{{ grain }}' as period_grain,
        {{ next_day }} as period_start,
        deal_id,
        'opening' as kind,
        snapshot_date as known_date,
        0 as event_number,
        coalesce(amount, 0) as amount,
        0 as previous_amount,
        0 as revalued_amount,
        0 as exchange_amount,
        true as was_open,
        true as is_open,
        false as is_back,
        false as was_due,
        coalesce({{ period_start(grain, 'expected_close_date') }} = {{ next_day }}, false) as is_due

    from snapshots

    where
        snapshot_date = {{ period_last_day(grain, 'snapshot_date') }}
        and snapshot_date < {{ as_of() }}

    union all

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'snapshot_date') }} as period_start,
        deal_id,
        'closing' as kind,
        snapshot_date as known_date,
        0 as event_number,
        coalesce(amount, 0) as amount,
        0 as previous_amount,
        0 as revalued_amount,
        0 as exchange_amount,
        true as was_open,
        true as is_open,
        false as is_back,
        false as was_due,
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

{# Both scopes at once, so that each deal's rows are gathered once. A deal comes into the window at what it is worth
   then, and leaves it at what it was worth before. #}
moves as (

    select
        *,
        case when kind = 'opening' then amount else 0 end as opening,
        case when kind = 'created' then amount else 0 end as created,
        case when is_back then amount else 0 end as reopened,
        revalued_amount as revalued,
        exchange_amount as exchange,
        case when kind = 'won' then amount else 0 end as won,
        case when kind = 'lost' then amount else 0 end as lost,
        case when kind = 'deleted' then amount else 0 end as deleted,
        case when kind = 'closing' then amount else 0 end as closing,
        case when kind = 'opening' and is_due then amount else 0 end as due_opening,
        case when kind = 'created' and is_due then amount else 0 end as due_created,
        case when is_back and is_due then amount else 0 end as due_reopened,
        case
            when kind in ('changed', 'won', 'lost', 'deleted') and is_due and not was_due and not is_back then amount
            else 0
        end as due_pulled_in,
        case when kind = 'changed' and was_due and not is_due then previous_amount else 0 end as due_pushed_out,
        case when was_due and is_due then revalued_amount else 0 end as due_revalued,
        case when was_due then exchange_amount else 0 end as due_exchange,
        case when kind = 'closing' and is_due then amount else 0 end as due_closing,
        case when was_due or is_due then 1 else 0 end as is_in_due,
        case when kind = 'closing' then 1 else 0 end as is_closing

    from dated

),

{# Numbers only: DuckDB does not spill the largest text of a group. #}
summed as (

    select
        period_grain,
        period_start,
        deal_id,
        max(known_date) as last_date,
        case when max(is_closing) = 1 then 0 else max(event_number) end as last_event_number,
        {%- for amount_name in moved %}
        {{ amount('sum(' ~ amount_name ~ ')') }} as {{ amount_name }},
        {%- endfor %}
        max(is_in_due) as is_in_due

    from moves

    group by 1, 2, 3

),

{# What was known of a deal after each event and, as event 0, at the end of a day that the pipeline is looked at. #}
standings as (

    select
        deal_id,
        {{ slice_columns(standing) }}
        event_date as known_date,
        event_number
    from events

    union all

    select
        deal_id,
        {{ slice_columns(standing) }}
        snapshot_date as known_date,
        0 as event_number
    from snapshots

),

{# Where the deal stood at the start of the period, if it was there, and at its end or when it left: the last that
   is known of it. #}
placed as (

    select
        summed.*,
        {{ slice_columns(standing, of='lasts') }}
        openings.rep as opening_rep,
        openings.team as opening_team,
        openings.stage as opening_stage

    from summed
    inner join standings as lasts
        on summed.deal_id = lasts.deal_id
        and summed.last_date = lasts.known_date
        and summed.last_event_number = lasts.event_number
    left join snapshots as openings
        on summed.deal_id = openings.deal_id
        and {{ dbt.dateadd('day', -1, 'summed.period_start') }} = openings.snapshot_date

),

scopes as (

    select 'pipeline' as scope

    union all

    select 'due' as scope

),

scoped as (

    select
        scopes.scope,
        placed.*
    from placed
    cross join scopes
    where
        scopes.scope = 'pipeline'
        or placed.is_in_due = 1

)

select

    ---------- ids
    deal_id,

    ---------- text
    scope,
    period_grain,
    rep,
    team,
    channel,
    campaign,
    segment,
    region,
    pipeline,
    stage,
    opening_rep,
    opening_team,
    opening_stage,

    ---------- numerics
    {%- for amount_name in ['opening'] + flows + ['closing'] %}
    {%- set in_pipeline = amount_name if amount_name in moved else '0' %}
    {%- set in_due = 'due_' ~ amount_name if 'due_' ~ amount_name in moved else amount_name %}
    {%- if in_pipeline == in_due %}
    {{ amount_name }},
    {%- else %}
    {{ amount("case when scope = 'due' then " ~ in_due ~ " else " ~ in_pipeline ~ " end") }} as {{ amount_name }},
    {%- endif %}
    {%- endfor %}

    ---------- dates
    period_start,
    {{ as_of() }} as as_of_date

from scoped
