{# The events of a KPI, made into its cells: one row per KPI, period, slice and slice value that has events.

   An event is one row of the CTE `events`: record_id, period_date, the slice columns, and what it counts as. Null is not
   counted, 0 is: n is the number of events whose denominator (for counts and sums: whose numerator) is not null.

   kind            an event's columns                           value
   count, sum      numerator                                    all numerators added
   distinct        numerator_key                                different keys
   per_day         numerator                                    all numerators added, over the days of the period so far
   rate            numerator, denominator: 1, 0 or null         the one over the other, with a Wilson interval
   ratio           numerator, denominator                       the one over the other, each added first
   distinct_ratio  numerator, denominator_key                   numerators added, over different keys
   stock           numerator, as it is on the period_date       that of the period's last day (or the as-of date)
   balance         numerator and records: + enters, - leaves    all so far
   median, p90     numerator; null is longer than any           the percentile; null where it falls among the nulls
   derived         what `measures` names, each added            numerator (over denominator), written with the measures

   kpis            none: the model's name is the KPI, its columns are as above. Or a dictionary of KPI to prefix: its columns
                   are <prefix>_numerator and so on; for derived, to {numerator, denominator, n}.
   slices          those of the CTE, if not all.
   matures         the process of dim_maturity that a cohort waits for; kpi_cohorts.csv says it once more.
   measures, stocks, numerator, denominator, n
                   derived only: the columns that are added; those of them that are stocks; the formula in SQL.
   per_grain       the events are those of one kind of period each, and say so in period_grain: nothing rolls up, and the
                   kind is published as period_rate, period_ratio and so on.
   whole_months    the events are months, each dated in the month that it stands for: a week has no part of them, and is
                   not published. #}
{% macro kpi_from(
    events, kind, kpis=none, slices=none, matures=none,
    measures=[], stocks=[], numerator=none, denominator=none, n=none, per_grain=false, whole_months=false
) %}
{%- set slices = slices_of() if slices is none else slices -%}
{%- set formulas = kpi_formulas(kind, kpis, numerator, denominator, n) -%}
{%- set sums = kpi_sums(kind, formulas, measures) -%}
{%- set rolls_up = kind not in ('distinct', 'distinct_ratio', 'median', 'p90') and not per_grain -%}
{%- set grains = var('kpi_periods') -%}
{%- set cell_grains = grains if not rolls_up else ['month', 'week'] | select('in', rolled_up_from(grains)) | list -%}
{%- set has_stocks = kind == 'stock' or stocks -%}
{%- set only_stocks = kind == 'stock' or (stocks and stocks == measures) -%}
{%- do config(meta={'events': {
    'kind': kind,
    'per_grain': per_grain,
    'whole_months': whole_months,
    'stocks': stocks,
    'matures': matures,
    'columns': kpi_columns(kind, formulas, measures),
}}) -%}
,

counted_events as (

    select * from {{ events }}
    where period_date <= {{ as_of() }}

),

{# What ends above are the records behind every number: `kpis.py explain` lists them (scripts/runner/records.py). #}
placed_events as (

    select
        *
        {%- for slice in slices %},
        coalesce(cast({{ slice }} as {{ dbt.type_string() }}), '(none)') as {{ slice }}_member
        {%- endfor %}
        {%- for grain in cell_grains %},
        {{ period_start(grain, 'period_date') }} as {{ grain }}_start
        {%- if has_stocks %},
        period_date = {{ last_day_so_far(grain, 'period_date') }} as is_{{ grain }}_end
        {%- endif %}
        {%- endfor %}

    from counted_events

),

{# The events are read once for all slices and kept nowhere; whatever rolls up does so from these few cells. #}
cells as (
    {%- for grain in cell_grains %}

    select
        '{{ grain }}' as cell_grain,
        {{ grain }}_start as cell_start,
        {%- if slices %}
        case
            {%- for slice in slices %}
            when grouping({{ slice }}_member) = 0 then '{{ slice }}'
            {%- endfor %}
            else 'all'
        end as slice,
        coalesce(
            {%- for slice in slices %}
            {{ slice }}_member,
            {%- endfor %}
            'all'
        ) as slice_value
        {%- else %}
        'all' as slice,
        'all' as slice_value
        {%- endif %}
        {%- for name, aggregate in sums.items() %},
        {% if name in stocks -%}
        sum(case when is_{{ grain }}_end then {{ name }} end) as {{ name }}
        {%- else -%}
        {{ aggregate }} as {{ name }}
        {%- endif %}
        {%- endfor %}

    from placed_events
    {%- if only_stocks %}

    where is_{{ grain }}_end
    {%- elif per_grain %}

    where period_grain = '{{ grain }}'
    {%- endif %}

    group by grouping sets (
        ({{ grain }}_start)
        {%- for slice in slices %},
        ({{ grain }}_start, {{ slice }}_member)
        {%- endfor %}
    )
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

{# The stock of a longer period is that of its last month. #}
periods as (
    {%- for grain in grains %}
    {%- set is_longer = rolls_up and grain not in ('week', 'month') -%}
    {%- set period_ends = last_day_so_far('month', 'cell_start') ~ ' = ' ~ last_day_so_far(grain, 'cell_start') %}

    select
        '{{ grain }}' as period_grain,
        {% if is_longer -%}
        {{ period_start(grain, 'cell_start') }} as period_start,
        {%- else -%}
        cell_start as period_start,
        {%- endif %}
        slice,
        slice_value
        {%- for name in sums %},
        {% if is_longer and name in stocks -%}
        sum(case when {{ period_ends }} then {{ name }} end) as {{ name }}
        {%- else -%}
        sum({{ name }}) as {{ name }}
        {%- endif %}
        {%- endfor %}

    from cells

    where
        cell_grain = '{{ 'month' if rolls_up and grain != 'week' else grain }}'
        {%- if is_longer and kind == 'stock' %}
        and {{ period_ends }}
        {%- endif %}

    group by 1, 2, 3, 4
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

measured as (
    {%- for kpi, formula in formulas.items() %}

    select
        '{{ kpi }}' as kpi,
        period_grain,
        period_start,
        slice,
        slice_value,
        {{ amount(formula.numerator) }} as numerator,
        {{ amount(formula.denominator or 'null') }} as denominator,
        {{ amount(formula.value or 'null') }} as given_value,
        {{ formula.n }} as n

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
            {%- for grain in grains %}
            when '{{ grain }}' then {{ period_end(grain, 'period_start') }}
            {%- endfor %}
        end as period_end,
        {{ as_of() }} as as_of_date

    from measured

)

select
    as_of_date,
    kpi,
    '{{ 'period_' if per_grain }}{{ kind }}' as kind,
    period_grain,
    period_start,
    period_end,
    slice,
    slice_value,
    numerator,
    denominator,
    {% if kind in ('median', 'p90') -%}
    given_value as value,
    {%- elif (formulas.values() | first).denominator -%}
    {{ ratio('numerator', 'denominator') }} as value,
    {%- else -%}
    numerator as value,
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
{%- if whole_months %}

where period_grain != 'week'
{%- endif %}
{% endmacro %}


{# What the cells are made of: the grain that each published grain rolls up from. #}
{% macro rolled_up_from(grains) %}
    {%- set found = [] -%}
    {%- for grain in grains -%}
        {%- do found.append('week' if grain == 'week' else 'month') -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}


{# Each KPI of a model, with its numerator, denominator and n over the sums of a cell. #}
{% macro kpi_formulas(kind, kpis, numerator, denominator, n) %}
    {%- set formulas = {} -%}
    {%- if kind == 'derived' -%}
        {%- set given = kpis or {kpi_of_this_model(): {'numerator': numerator, 'denominator': denominator, 'n': n}} -%}
        {%- do formulas.update(given) -%}
    {%- else -%}
        {%- for kpi, prefix in (kpis or {kpi_of_this_model(): none}).items() -%}
            {%- set prefix = prefix ~ '_' if prefix else '' -%}
            {%- set formula = {
                'prefix': prefix,
                'numerator': 'coalesce(' ~ prefix ~ 'numerator, 0)',
                'n': prefix ~ 'n',
            } -%}
            {%- if kind in ('rate', 'ratio', 'distinct_ratio', 'median', 'p90') -%}
                {%- do formula.update({'denominator': 'coalesce(' ~ prefix ~ 'denominator, 0)'}) -%}
            {%- elif kind == 'per_day' -%}
                {%- do formula.update({'denominator': days_so_far()}) -%}
            {%- elif kind == 'balance' -%}
                {%- set so_far = ' over (partition by period_grain, slice, slice_value order by period_start)' -%}
                {%- do formula.update({
                    'numerator': 'sum(coalesce(' ~ prefix ~ 'numerator, 0))' ~ so_far,
                    'n': 'sum(' ~ prefix ~ 'n)' ~ so_far,
                }) -%}
            {%- endif -%}
            {%- if kind in ('median', 'p90') -%}
                {%- set percentile = prefix ~ 'percentile' -%}
                {%- do formula.update({
                    'value': 'case when ' ~ percentile ~ ' < ' ~ longer_than_any() ~ ' then '
                        ~ from_millionths(percentile) ~ ' end',
                }) -%}
            {%- endif -%}
            {%- do formulas.update({kpi: formula}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(formulas) }}
{% endmacro %}


{# The columns of an event that each KPI is made of, by what they are to it: numerator, denominator, a key of either, the
   records of a balance, or a measure. They go into the model's meta, so that a number can be traced to its records. #}
{% macro kpi_columns(kind, formulas, measures) %}
    {%- set parts = {
        'distinct': ['numerator_key'],
        'rate': ['numerator', 'denominator'],
        'ratio': ['numerator', 'denominator'],
        'distinct_ratio': ['numerator', 'denominator_key'],
        'balance': ['numerator', 'records'],
    } -%}
    {%- set columns = {} -%}
    {%- for kpi, formula in formulas.items() -%}
        {%- set of_kpi = {} -%}
        {%- for part in (measures if kind == 'derived' else parts.get(kind, ['numerator'])) -%}
            {%- do of_kpi.update({part: formula.get('prefix', '') ~ part}) -%}
        {%- endfor -%}
        {%- do columns.update({kpi: of_kpi}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}


{# What is aggregated in each cell: column name to SQL. #}
{% macro kpi_sums(kind, formulas, measures) %}
    {%- set sums = {} -%}
    {%- for measure in measures -%}
        {%- do sums.update({measure: 'sum(' ~ measure ~ ')'}) -%}
    {%- endfor -%}
    {%- for formula in formulas.values() if kind != 'derived' -%}
        {%- set prefix = formula.prefix -%}
        {%- set numerator = prefix ~ 'numerator' -%}
        {%- set denominator = prefix ~ 'denominator' -%}
        {%- set n = prefix ~ 'n' -%}
        {%- if kind in ('count', 'sum', 'per_day', 'stock') -%}
            {%- do sums.update({numerator: 'sum(' ~ numerator ~ ')', n: 'count(' ~ numerator ~ ')'}) -%}
        {%- elif kind == 'distinct' -%}
            {%- do sums.update({
                numerator: 'count(distinct ' ~ numerator ~ '_key)',
                n: 'count(' ~ numerator ~ '_key)',
            }) -%}
        {%- elif kind in ('rate', 'ratio') -%}
            {%- do sums.update({
                numerator: 'sum(' ~ numerator ~ ')',
                denominator: 'sum(' ~ denominator ~ ')',
                n: 'count(' ~ denominator ~ ')',
            }) -%}
        {%- elif kind == 'distinct_ratio' -%}
            {%- do sums.update({
                numerator: 'sum(' ~ numerator ~ ')',
                denominator: 'count(distinct ' ~ denominator ~ '_key)',
                n: 'count(' ~ denominator ~ '_key)',
            }) -%}
        {%- elif kind == 'balance' -%}
            {%- do sums.update({numerator: 'sum(' ~ numerator ~ ')', n: 'sum(' ~ prefix ~ 'records)'}) -%}
        {%- elif kind in ('median', 'p90') -%}
            {%- set share = '0.5' if kind == 'median' else '0.9' -%}
            {%- set millionths = 'cast(' ~ numerator ~ ' * 1000000 as ' ~ double_type() ~ ')' -%}
            {%- set measure = 'coalesce(' ~ millionths ~ ', 1000 * ' ~ longer_than_any() ~ ')' -%}
            {%- do sums.update({
                prefix ~ 'percentile': 'percentile_cont(' ~ share ~ ') within group (order by ' ~ measure ~ ')',
                numerator: 'count(' ~ numerator ~ ')',
                denominator: 'count(*)',
                n: 'count(*)',
            }) -%}
        {%- else -%}
            {{ exceptions.raise_compiler_error("There is no kind of KPI called '" ~ kind ~ "'; see macros/kpi/kpi_from.sql") }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(sums) }}
{% endmacro %}


{# What never happened took longer, in millionths, than anything that did; finite, so that a percentile between the two is
   a number. Millionths, because the middle of two whole numbers is the same double on every engine. #}
{% macro longer_than_any() -%}
    1e18
{%- endmacro %}


{# The KPI that a model is named for. In a unit test the model at hand is the test, which knows the model it tests. #}
{% macro kpi_of_this_model() %}
    {%- set unique_id = model.tested_node_unique_id or model.unique_id -%}
    {{ return(unique_id.split('.')[2] | replace('kpi_', '', 1)) }}
{% endmacro %}
