{# The first day of the period that a date falls in. Quarters and years follow the fiscal year
   (var fiscal_year_start_month), weeks start on var week_starts_on. #}
{% macro period_start(grain, date) -%}
    {%- set shift = var('fiscal_year_start_month') - 1 -%}
    {%- if grain == 'week' -%}
        {%- set days = 1 if var('week_starts_on') == 'sunday' else 0 -%}
        {{ shifted_start('week', date, 'day', days) }}
    {%- elif grain in ('quarter', 'year') -%}
        {{ shifted_start(grain, date, 'month', -shift) }}
    {%- elif grain == 'month' -%}
        cast({{ dbt.date_trunc('month', date) }} as date)
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "kpi_periods has '" ~ grain ~ "'; choose from week, month, quarter and year"
        ) }}
    {%- endif -%}
{%- endmacro %}


{% macro shifted_start(grain, date, part, by) -%}
    {%- if by == 0 -%}
        cast({{ dbt.date_trunc(grain, date) }} as date)
    {%- else -%}
        cast({{ dbt.dateadd(part, -by, dbt.date_trunc(grain, dbt.dateadd(part, by, date))) }} as date)
    {%- endif -%}
{%- endmacro %}


{# A date so many periods later. A quarter is three months: not every engine knows it as an interval. #}
{% macro periods_later(grain, count, date) -%}
    {%- set part, length = ('month', 3) if grain == 'quarter' else (grain, 1) -%}
    cast({{ dbt.dateadd(part, count * length, date) }} as date)
{%- endmacro %}


{# The first day after a period that starts on a date: periods are half-open. #}
{% macro period_end(grain, start) -%}
    {{ periods_later(grain, 1, start) }}
{%- endmacro %}


{# The last day of the period that a date falls in. #}
{% macro period_last_day(grain, date) -%}
    cast({{ dbt.dateadd('day', -1, period_end(grain, period_start(grain, date))) }} as date)
{%- endmacro %}


{# The last day of the period that a date falls in, or the as-of date if that is earlier. #}
{% macro last_day_so_far(grain, date) -%}
    least({{ period_last_day(grain, date) }}, {{ as_of() }})
{%- endmacro %}


{# The first day of the first period that is not over by the as-of date: the running one or, on its last day, the next. #}
{% macro first_unfinished_start(grain) -%}
    {{ period_start(grain, 'cast(' ~ dbt.dateadd('day', 1, as_of()) ~ ' as date)') }}
{%- endmacro %}
