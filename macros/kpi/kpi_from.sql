{# The events of a KPI, made into its cells: one row per KPI, period, slice and slice value that has events.

   An event is one row of the CTE `events`: record_id, period_date, the slice columns, and what it counts as. Null is not
   counted, 0 is: n is the number of events whose denominator (for counts and sums: whose numerator) is not null.

   kind            numerator                           denominator                      value
   count, sum      added                               -                                numerator
   rate            records that have it                records that could have it       their ratio, with a Wilson interval
   ratio           added                               added                            their ratio
   distinct_ratio  added                               denominator_key, counted once    their ratio
   stock           added, of the period's last day     -                                numerator
   balance         what enters (+) and leaves (-)      -                                all so far
   ratio_of_ratios numerator / numerator_per           denominator / denominator_per    their ratio, each side divided last

   kpis: none, and the model's own name is the KPI and the columns are numerator and denominator; or a dictionary of KPI
   to the prefix of its columns. slices: those of the CTE. matures: the process of dim_maturity that a cohort waits for. #}
{% macro kpi_from(events, kind, kpis=none, slices=none, matures=none) %}
{%- set slices = slices_of() if slices is none else slices -%}
{%- set prefixes = {} -%}
{%- if kpis is none -%}
    {%- do prefixes.update({kpi_of_this_model(): ''}) -%}
{%- else -%}
    {%- for kpi, prefix in kpis.items() -%}
        {%- do prefixes.update({kpi: prefix ~ '_'}) -%}
    {%- endfor -%}
{%- endif -%}
{%- set measures = prefixes.values() | unique | list -%}
{%- set has_denominator = kind in ('rate', 'ratio', 'distinct_ratio', 'ratio_of_ratios') -%}
{%- set is_nested = kind == 'ratio_of_ratios' -%}
{%- set rolls_up = kind not in ('distinct_ratio', 'stock') -%}
,

counted_events as (

    select * from {{ events }}
    where period_date <= {{ as_of() }}

),

{# The fact is read once per slice; whatever rolls up does so from these few cells. #}
cells as (
    {%- set cell_grains = [] -%}
    {%- if not rolls_up -%}
        {%- do cell_grains.extend(var('kpi_periods')) -%}
    {%- else -%}
        {%- if 'week' in var('kpi_periods') %}{% do cell_grains.append('week') %}{% endif -%}
        {%- if var('kpi_periods') | reject('equalto', 'week') | list %}{% do cell_grains.append('month') %}{% endif -%}
    {%- endif -%}
    {%- for grain in cell_grains %}
    {%- set outer_last = loop.last -%}
    {%- for slice in ['all'] + slices %}

    select
        '{{ grain }}' as cell_grain,
        {{ period_start(grain, 'period_date') }} as cell_start,
        '{{ slice }}' as slice,
        {% if slice == 'all' -%}
        'all' as slice_value,
        {%- else -%}
        coalesce(cast({{ slice }} as {{ dbt.type_string() }}), '(none)') as slice_value,
        {%- endif %}
        {%- for measure in measures %}
        sum({{ measure }}numerator) as {{ measure }}numerator,
        {%- if kind == 'distinct_ratio' %}
        count(distinct {{ measure }}denominator_key) as {{ measure }}denominator,
        count({{ measure }}denominator_key) as {{ measure }}n
        {%- elif has_denominator %}
        sum({{ measure }}denominator) as {{ measure }}denominator,
        {%- if is_nested %}
        sum({{ measure }}numerator_per) as {{ measure }}numerator_per,
        sum({{ measure }}denominator_per) as {{ measure }}denominator_per,
        {%- endif %}
        count({{ measure }}denominator) as {{ measure }}n
        {%- elif kind == 'balance' %}
        sum({{ measure }}records) as {{ measure }}n
        {%- else %}
        count({{ measure }}numerator) as {{ measure }}n
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}

    from counted_events
    {%- if kind == 'stock' %}

    where period_date = least({{ period_last_day(grain, 'period_date') }}, {{ as_of() }})
    {%- endif %}

    group by 2, 4
    {% if not (outer_last and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}

),

periods as (
    {%- for grain in var('kpi_periods') %}

    select
        '{{ grain }}' as period_grain,
        {% if rolls_up and grain not in ('week', 'month') -%}
        {{ period_start(grain, 'cell_start') }} as period_start,
        {%- else -%}
        cell_start as period_start,
        {%- endif %}
        slice,
        slice_value
        {%- for measure in measures %},
        sum({{ measure }}numerator) as {{ measure }}numerator,
        {% if has_denominator -%}
        sum({{ measure }}denominator) as {{ measure }}denominator,
        {% endif -%}
        {% if is_nested -%}
        sum({{ measure }}numerator_per) as {{ measure }}numerator_per,
        sum({{ measure }}denominator_per) as {{ measure }}denominator_per,
        {% endif -%}
        sum({{ measure }}n) as {{ measure }}n
        {%- endfor %}

    from cells

    where cell_grain = '{{ 'month' if rolls_up and grain != 'week' else grain }}'

    group by 1, 2, 3, 4
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

measured as (
    {%- for kpi, prefix in prefixes.items() %}

    select
        '{{ kpi }}' as kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        {% if kind == 'balance' -%}
        {%- set so_far = 'over (partition by period_grain, slice, slice_value order by period_start)' -%}
        sum(coalesce({{ prefix }}numerator, 0)) {{ so_far }} as numerator,
        cast(null as {{ amount_type() }}) as denominator,
        sum({{ prefix }}n) {{ so_far }} as n
        {%- elif is_nested -%}
        {{ ratio(prefix ~ 'numerator', prefix ~ 'numerator_per') }} as numerator,
        {{ ratio(prefix ~ 'denominator', prefix ~ 'denominator_per') }} as denominator,
        {{ prefix }}n as n
        {%- else -%}
        coalesce({{ prefix }}numerator, 0) as numerator,
        {% if has_denominator -%}
        coalesce({{ prefix }}denominator, 0) as denominator,
        {%- else -%}
        cast(null as {{ amount_type() }}) as denominator,
        {%- endif %}
        {{ prefix }}n as n
        {%- endif %}

    from periods
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

ended as (

    select
        *,
        case period_grain
            {%- for grain in var('kpi_periods') %}
            when '{{ grain }}' then {{ period_end(grain, 'period_start') }}
            {%- endfor %}
        end as period_end,
        {{ as_of() }} as as_of_date

    from measured

)

select
    as_of_date,
    kpi,
    '{{ kind }}' as kind,
    period_grain,
    period_start,
    period_end,
    slice,
    slice_value,
    {{ amount('numerator') }} as numerator,
    {{ amount('denominator') }} as denominator,
    {% if has_denominator -%}
    {{ ratio('numerator', 'denominator') }} as value,
    {%- else -%}
    {{ amount('numerator') }} as value,
    {%- endif %}
    cast(n as {{ dbt.type_bigint() }}) as n,
    {% if kind == 'rate' -%}
    {{ wilson_low('numerator', 'denominator') }} as ci_low,
    {{ wilson_high('numerator', 'denominator') }} as ci_high,
    {%- else -%}
    cast(null as {{ amount_type() }}) as ci_low,
    cast(null as {{ amount_type() }}) as ci_high,
    {%- endif %}
    period_end <= {{ dbt.dateadd('day', 1, 'as_of_date') }} as is_complete_period,
    {% if matures -%}
    {%- set wait = "(select days_p90 from " ~ ref('dim_maturity') ~ " where process = '" ~ matures ~ "')" -%}
    coalesce({{ dbt.dateadd('day', wait, 'period_end') }} <= {{ dbt.dateadd('day', 1, 'as_of_date') }}, false)
        as is_mature
    {%- else -%}
    period_end <= {{ dbt.dateadd('day', 1, 'as_of_date') }} as is_mature
    {%- endif %}

from ended
{% endmacro %}


{# The KPI that a model is named for. In a unit test the model at hand is the test, which knows the model it tests. #}
{% macro kpi_of_this_model() %}
    {%- set unique_id = model.tested_node_unique_id or model.unique_id -%}
    {{ return(unique_id.split('.')[2] | replace('kpi_', '', 1)) }}
{% endmacro %}
