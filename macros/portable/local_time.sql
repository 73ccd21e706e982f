{# A timestamp in UTC, as the local time of a place whose time zone is a column: another one in every row. #}
{% macro local_time(timestamp, zone) -%}
    {{ return(adapter.dispatch('local_time', 'pipeline_kpis')(timestamp, zone)) }}
{%- endmacro %}

{% macro default__local_time(timestamp, zone) -%}
    (({{ timestamp }}) at time zone 'UTC') at time zone ({{ zone }})
{%- endmacro %}

{% macro spark__local_time(timestamp, zone) -%}
    from_utc_timestamp({{ timestamp }}, {{ zone }})
{%- endmacro %}


{# The time zones that the engine knows, as rows of `time_zone`: any other name would stop the run. #}
{% macro known_time_zones() -%}
    {{ return(adapter.dispatch('known_time_zones', 'pipeline_kpis')()) }}
{%- endmacro %}

{% macro default__known_time_zones() -%}
    select name as time_zone from pg_timezone_names()
{%- endmacro %}

{# Java's zones, which are Spark's; they come as one text, '[Europe/Paris, ...]'. #}
{% macro spark__known_time_zones() -%}
    select explode(
        split(translate(java_method('java.time.ZoneId', 'getAvailableZoneIds'), '[]', ''), ', ')
    ) as time_zone
{%- endmacro %}
