{# Which step from lead to customer is weak: each step's rate in its cohort, beside what the same people's cohorts
   had before. The first step is of the leads created in the period, the others are of those who qualified in it:
   they multiply to the lead win rate. #}
{% set rules = var('diagnosis') %}
{% set steps = [
    {'step': 'qualified', 'area': 'lead generation and qualification', 'words': 'leads qualified',
        'process': 'lead to qualified', 'cohort': 'created', 'is_known': 'true',
        'from': "'lead'", 'entered': 'leads', 'passed': 'qualified', 'recorded': 'qualified'},
    {'step': 'responded', 'area': 'follow-up', 'words': 'qualified leads heard from us',
        'process': 'qualified to deal', 'cohort': 'qualified', 'is_known': 'knows_responses',
        'from': "'qualified'", 'entered': 'qualified', 'passed': 'responded', 'recorded': 'recorded_responded'},
    {'step': 'meeting accepted', 'area': 'appointment setting', 'words': 'leads got as far as a meeting',
        'process': 'qualified to deal', 'cohort': 'qualified', 'is_known': 'knows_meetings',
        'from': "case when knows_responses then 'responded' else 'qualified' end",
        'entered': 'case when knows_responses then responded else qualified end',
        'passed': 'meetings', 'recorded': 'recorded_meetings'},
    {'step': 'deal', 'area': 'turning interest into deals', 'words': 'leads got as far as a deal',
        'process': 'qualified to deal', 'cohort': 'qualified', 'is_known': 'true',
        'from': "case when knows_meetings then 'meeting accepted' when knows_responses then 'responded' else 'qualified' end",
        'entered': 'case when knows_meetings then meetings when knows_responses then responded else qualified end',
        'passed': 'deals', 'recorded': 'deals'},
    {'step': 'won', 'area': 'closing', 'words': 'leads with a deal became customers',
        'process': 'qualified to customer', 'cohort': 'qualified', 'is_known': 'true',
        'from': "'deal'", 'entered': 'deals', 'passed': 'customers', 'recorded': 'customers'},
] %}
{% set of_member = 'partition by period_grain, slice, slice_value' %}
{% set usual = [] %}
{% for grain in var('kpi_periods') %}
    {% do usual.append(
        "when '" ~ grain ~ "' then sum(case when is_mature then entered end) over (" ~ of_member
        ~ ', step_order order by period_start rows between ' ~ rules.baseline_cohorts[grain]
        ~ ' preceding and 1 preceding)'
    ) %}
{% endfor %}
with

leads as (

    select * from {{ ref('fct_leads') }}

),

{# Somebody of ours wrote, called or asked for a meeting, whenever it was: who is called before qualifying need not
   be called again to be followed up. #}
contacts as (

    select lead_id from {{ ref('fct_touches') }}
    where is_human and lead_id is not null

    union all

    select lead_id from {{ ref('fct_responses') }}
    where is_responded

    union all

    select lead_id from {{ ref('fct_meetings') }}
    where lead_id is not null

),

contacted as (

    select distinct lead_id
    from contacts

),

accepted as (

    select distinct lead_id
    from {{ ref('fct_meetings') }}
    where is_first_accepted

),

{# Before the first month of known activities, or meetings, nobody knows who was followed up, or met. #}
first_records as (

    select
        (select {{ period_start('month', 'min(occurred_date)') }} from {{ ref('fct_activities') }}) as first_activities,
        (select {{ period_start('month', 'min(requested_date)') }} from {{ ref('fct_meetings') }}) as first_meetings

),

seen as (

    select
        leads.lead_id,
        {{ slice_columns(of='leads') }}
        leads.created_date,
        leads.qualified_date,
        case when leads.is_qualified then 1 else 0 end as is_qualified,
        case when contacted.lead_id is not null then 1 else 0 end as was_contacted,
        case when accepted.lead_id is not null then 1 else 0 end as has_accepted,
        case when leads.deal_count > 0 then 1 else 0 end as has_deal,
        case when leads.became_customer then 1 else 0 end as is_customer

    from leads
    left join contacted on leads.lead_id = contacted.lead_id
    left join accepted on leads.lead_id = accepted.lead_id

),

{# Whoever got further got this far, recorded or not: so each step is a part of the one before it. #}
placed as {{ not_kept() }} (

    select
        *,
        greatest(was_contacted, has_accepted, has_deal) as got_responded,
        greatest(has_accepted, has_deal) as got_meeting

    from seen

),

{# A step that is recorded for fewer than that of those who went further would take the blame for the steps after it:
   what it shows is them. The chain then joins over it. #}
recorded as (

    select
        coalesce({{ ratio(
            'sum(case when placed.qualified_date >= first_records.first_activities then got_meeting * was_contacted end)',
            'sum(case when placed.qualified_date >= first_records.first_activities then got_meeting end)'
        ) }} >= {{ rules.recorded_share }}, true) as has_responses,
        coalesce({{ ratio(
            'sum(case when placed.qualified_date >= first_records.first_meetings then has_deal * has_accepted end)',
            'sum(case when placed.qualified_date >= first_records.first_meetings then has_deal end)'
        ) }} >= {{ rules.recorded_share }}, true) as has_meetings

    from placed
    cross join first_records

    where placed.is_qualified = 1

),

days as (
    {%- for slice in ['all'] + slices_of() %}
    {%- for cohort in ['created', 'qualified'] %}

    select
        '{{ cohort }}' as cohort,
        {{ cohort }}_date as cohort_date,
        '{{ slice }}' as slice,
        {% if slice == 'all' -%}
        'all' as slice_value,
        {%- else -%}
        coalesce({{ slice }}, '(none)') as slice_value,
        {%- endif %}
        count(*) as leads,
        sum(is_qualified) as qualified,
        sum(got_responded) as responded,
        sum(was_contacted) as recorded_responded,
        sum(got_meeting) as meetings,
        sum(has_accepted) as recorded_meetings,
        sum(has_deal) as deals,
        sum(is_customer) as customers

    from placed

    where {{ cohort }}_date is not null

    group by 2, 4
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

periods as (
    {%- for grain in var('kpi_periods') %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'cohort_date') }} as period_start,
        {{ period_end(grain, period_start(grain, 'cohort_date')) }} as period_end,
        cohort,
        slice,
        slice_value,
        sum(leads) as leads,
        sum(qualified) as qualified,
        sum(responded) as responded,
        sum(recorded_responded) as recorded_responded,
        sum(meetings) as meetings,
        sum(recorded_meetings) as recorded_meetings,
        sum(deals) as deals,
        sum(customers) as customers

    from days

    where cohort_date <= {{ as_of() }}

    group by 1, 2, 3, 4, 5, 6
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

known as (

    select
        periods.*,
        coalesce(periods.period_start >= first_records.first_activities and recorded.has_responses, false)
            as knows_responses,
        coalesce(periods.period_start >= first_records.first_meetings and recorded.has_meetings, false)
            as knows_meetings

    from periods
    cross join first_records
    cross join recorded

),

stepped as (
    {%- for step in steps %}

    select
        period_grain,
        period_start,
        period_end,
        slice,
        slice_value,
        {{ loop.index }} as step_order,
        case when {{ step.is_known }} then {{ step.from }} end as from_step,
        '{{ step.step }}' as step,
        '{{ step.area }}' as area,
        '{{ step.words }}' as words,
        {{ step.is_known }} as is_in_chain,
        case when {{ step.is_known }} then {{ step.entered }} end as entered,
        case when {{ step.is_known }} then {{ step.passed }} end as passed,
        {{ step.recorded }} as recorded,
        {{ is_ripe(dbt.dateadd('day', -1, 'period_end'), step.process) }} as is_mature

    from known

    where cohort = '{{ step.cohort }}'
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

{# What is usual for a member: its own last mature cohorts together. #}
based as (

    select
        *,
        case period_grain {{ usual | join(' ') }} end as baseline_entered,
        case period_grain {{ usual | join(' ') | replace('entered', 'passed') }} end as baseline_passed

    from stepped

),

rated as (

    select
        *,
        {{ ratio('passed', 'entered') }} as rate,
        {{ wilson_low('passed', 'entered') }} as ci_low,
        {{ wilson_high('passed', 'entered') }} as ci_high,
        {{ ratio('baseline_passed', 'baseline_entered') }} as baseline_rate,
        {{ wilson_low('baseline_passed', 'baseline_entered') }} as baseline_low,
        {{ wilson_high('baseline_passed', 'baseline_entered') }} as baseline_high

    from based

),

compared as (

    select
        *,
        {{ ratio('rate', 'baseline_rate') }} as ratio_to_baseline,
        is_mature
        and coalesce(
            entered >= {{ rules.min_n }} and baseline_entered >= {{ rules.min_n }} and baseline_passed > 0, false
        ) as is_judged

    from rated

),

ranked as (

    select
        *,
        row_number() over (
            {{ of_member }}, period_start
            order by case when is_judged then 0 else 1 end, ratio_to_baseline nulls last, step_order
        ) as place,
        case
            when not is_judged then null
            when {{ difference_high('rate', 'ci_high', 'baseline_rate', 'baseline_low') }} < 0 then 'weaker than usual'
            when {{ difference_low('rate', 'ci_low', 'baseline_rate', 'baseline_high') }} > 0 then 'stronger than usual'
            else 'as usual'
        end as verdict

    from compared

)

select

    ---------- text
    period_grain,
    slice,
    slice_value,
    from_step,
    step,
    area,
    verdict,
    case when is_judged and place = 1 then {{ dbt.concat([
        "case when ratio_to_baseline < 1 then 'Weakest step: ' else 'No step is below its usual rate; the nearest: ' end",
        'area',
        "'. '",
        in_words('passed'),
        "' of '",
        in_words('entered'),
        "' '",
        'words',
        "' ('",
        percent_in_words('rate'),
        "'), usually '",
        percent_in_words('baseline_rate'),
        "case verdict when 'as usual' then ': the difference may be chance.' when 'weaker than usual'"
            ~ " then ': weaker than usual.' else '.' end",
    ]) }} end as finding,

    ---------- numerics
    cast(step_order as integer) as step_order,
    cast(entered as {{ dbt.type_bigint() }}) as entered,
    cast(passed as {{ dbt.type_bigint() }}) as passed,
    cast(recorded as {{ dbt.type_bigint() }}) as recorded,
    rate,
    ci_low,
    ci_high,
    cast(baseline_entered as {{ dbt.type_bigint() }}) as baseline_entered,
    cast(baseline_passed as {{ dbt.type_bigint() }}) as baseline_passed,
    baseline_rate,
    ratio_to_baseline,

    ---------- booleans
    is_in_chain,
    is_mature,
    is_judged,
    is_judged and place = 1 as is_weakest,

    ---------- dates
    period_start,
    period_end,
    {{ as_of() }} as as_of_date

from ranked
