{# The days of a period that have passed by the as-of date, over the columns period_grain and period_start
   of a cell. #}
{% macro days_so_far() -%}
    {%- set tomorrow = 'cast(' ~ dbt.dateadd('day', 1, as_of()) ~ ' as date)' -%}
    case period_grain
        {%- for grain in var('kpi_periods') %}
        {%- set end = 'least(' ~ period_end(grain, 'period_start') ~ ', ' ~ tomorrow ~ ')' %}
        when '{{ grain }}' then {{ days_between('period_start', end) }}
        {%- endfor %}
    end
{%- endmacro %}
