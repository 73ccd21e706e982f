{# Whether a row of dim_dates is a day on which the pipeline is looked at: the last of a period, and the as-of date. #}
{% macro is_snapshot_day() -%}
    calendar_date = {{ as_of() }}
    or (is_past and (is_month_end{% if 'week' in var('kpi_periods') %} or is_week_end{% endif %}))
{%- endmacro %}
