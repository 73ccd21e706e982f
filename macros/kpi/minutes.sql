{# Whole seconds from one timestamp to a later one; negative where the second is the earlier. #}
{% macro seconds_between(first, second) -%}
    cast({{ dbt.datediff(first, second, 'second') }} as {{ dbt.type_bigint() }})
{%- endmacro %}


{# Minutes from one timestamp to a later one, to the second. #}
{% macro minutes_between(first, second) -%}
    {{ ratio(seconds_between(first, second), 60) }}
{%- endmacro %}


{# The instant at which the as-of date ends where the company reports: the project's "now", in UTC. #}
{% macro as_of_end() -%}
    {%- set next_midnight = 'cast(' ~ dbt.dateadd('day', 1, as_of()) ~ ' as ' ~ dbt.type_timestamp() ~ ')' -%}
    {{ from_zone_to_utc(next_midnight, var('reporting_time_zone')) }}
{%- endmacro %}
