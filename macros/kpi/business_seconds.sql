{# The working seconds from the start of a calendar to a local time; `day` is the calendar's row of that day.
   Between two local times lies the difference. #}
{% macro business_seconds_until(local_time, day) -%}
    {%- set start_second = (var('working_hours').start * 3600) | int -%}
    {%- set end_second = (var('working_hours').end * 3600) | int -%}
    {%- set second = seconds_between(dbt.date_trunc('day', local_time), local_time) -%}
    {{ day }}.seconds_before + case
        when {{ day }}.is_working_day
            then least(greatest({{ second }}, {{ start_second }}), {{ end_second }}) - {{ start_second }}
        else 0
    end
{%- endmacro %}
