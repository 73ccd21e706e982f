{# The waterfall of the pipeline by period and slice: the deals of pipeline_waterfall_deals, added up. What was open
   under one rep, team or stage and ended the period under another moves over at what it was worth at the opening;
   all else is put down to where the deal ended up. So every slice opens and closes with its own pipeline_value. #}
{% set flows = ['created', 'reopened', 'pulled_in', 'pushed_out', 'revalued', 'exchange', 'won', 'lost', 'deleted'] %}
{% set moving = ['rep', 'team', 'stage'] %}
{% set slices = slices_of('rep', 'team', 'channel', 'campaign', 'segment', 'region', 'pipeline') + ['stage'] %}
with

deals as {{ not_kept() }} (

    select * from {{ ref('pipeline_waterfall_deals') }}

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

parts as (
    {%- for slice in ['all'] + slices %}
    {%- set member = "'all'" if slice == 'all' else "coalesce(" ~ slice ~ ", '(none)')" %}
    {%- set origin = "coalesce(opening_" ~ slice ~ ", '(none)')" if slice in moving else member %}

    select
        scope,
        period_grain,
        period_start,
        '{{ slice }}' as slice,
        {{ member }} as slice_value,
        {% if slice in moving -%}
        0 as opening,
        case when {{ origin }} != {{ member }} then opening else 0 end as moved_in,
        {%- else -%}
        opening,
        0 as moved_in,
        {%- endif %}
        0 as moved_out,
        {%- for flow in flows %}
        {{ flow }},
        {%- endfor %}
        closing

    from deals
    {%- if slice in moving %}

    union all

    select
        scope,
        period_grain,
        period_start,
        '{{ slice }}' as slice,
        {{ origin }} as slice_value,
        opening,
        0 as moved_in,
        case when {{ origin }} != {{ member }} then opening else 0 end as moved_out,
        {%- for flow in flows %}
        0 as {{ flow }},
        {%- endfor %}
        0 as closing

    from deals

    where opening != 0
    {%- endif %}

    union all
    {%- endfor %}

    {# A period without a deal is a period all the same. #}
    {%- for scope in ['pipeline', 'due'] %}
    {%- for grain in var('kpi_periods') %}

    select distinct
        '{{ scope }}' as scope,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'calendar_date') }} as period_start,
        'all' as slice,
        'all' as slice_value,
        0 as opening,
        0 as moved_in,
        0 as moved_out,
        {%- for flow in flows %}
        0 as {{ flow }},
        {%- endfor %}
        0 as closing

    from dates
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if not loop.last %}

    union all
    {%- endif %}
    {%- endfor %}

),

summed as (

    select
        scope,
        period_grain,
        period_start,
        slice,
        slice_value,
        {%- for measure in ['opening'] + flows + ['moved_in', 'moved_out'] %}
        {{ amount('sum(' ~ measure ~ ')') }} as {{ measure }},
        {%- endfor %}
        {{ amount('sum(closing)') }} as closing

    from parts

    group by 1, 2, 3, 4, 5

),

ended as (

    select
        *,
        case period_grain
            {%- for grain in var('kpi_periods') %}
            when '{{ grain }}' then {{ period_end(grain, 'period_start') }}
            {%- endfor %}
        end as period_end

    from summed

)

select

    ---------- text
    scope,
    period_grain,
    slice,
    slice_value,

    ---------- numerics
    opening,
    {%- for flow in flows %}
    {{ flow }},
    {%- endfor %}
    moved_in,
    moved_out,
    closing,

    ---------- booleans
    period_end <= {{ dbt.dateadd('day', 1, as_of()) }} as is_complete_period,

    ---------- dates
    period_start,
    period_end,
    {{ as_of() }} as as_of_date

from ended
