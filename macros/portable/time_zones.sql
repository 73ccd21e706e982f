{# A timestamp without a zone that is local to a place, as UTC. #}
{% macro from_zone_to_utc(timestamp, zone) -%}
    {%- if zone == 'UTC' -%}
        {{ return(timestamp) }}
    {%- endif -%}
    {{ return(adapter.dispatch('from_zone_to_utc', 'pipeline_kpis')(timestamp, zone)) }}
{%- endmacro %}

{% macro default__from_zone_to_utc(timestamp, zone) -%}
    ((({{ timestamp }}) at time zone '{{ zone }}') at time zone 'UTC')
{%- endmacro %}

{% macro spark__from_zone_to_utc(timestamp, zone) -%}
    to_utc_timestamp({{ timestamp }}, '{{ zone }}')
{%- endmacro %}


{# A timestamp in UTC, as the local time of a place. #}
{% macro from_utc_to_zone(timestamp, zone) -%}
    {%- if zone == 'UTC' -%}
        {{ return(timestamp) }}
    {%- endif -%}
    {{ return(adapter.dispatch('from_utc_to_zone', 'pipeline_kpis')(timestamp, zone)) }}
{%- endmacro %}

{% macro default__from_utc_to_zone(timestamp, zone) -%}
    ((({{ timestamp }}) at time zone 'UTC') at time zone '{{ zone }}')
{%- endmacro %}

{% macro spark__from_utc_to_zone(timestamp, zone) -%}
    from_utc_timestamp({{ timestamp }}, '{{ zone }}')
{%- endmacro %}


{# The day on which a UTC timestamp falls where the company reports. #}
{% macro reporting_date(timestamp) -%}
    cast({{ from_utc_to_zone(timestamp, var('reporting_time_zone')) }} as date)
{%- endmacro %}
