{# Text to a value, and null where the text is not one: never an error, never a guess.
   Timestamps come out in UTC, without a zone. A text with an offset keeps its instant; one without is in the source's
   time zone; a bare date is midnight of that day in the reporting time zone, because a date has no zone to convert from. #}

{% macro try_timestamp(text, formats=[], source_zone='UTC', reporting_zone='UTC') -%}
    {{ return(adapter.dispatch('try_timestamp', 'pipeline_kpis')(text, formats, source_zone, reporting_zone)) }}
{%- endmacro %}

{% macro duckdb__try_timestamp(text, formats, source_zone, reporting_zone) -%}
    {%- set local = 'try_cast(' ~ text ~ ' as timestamp)' -%}
    {%- if formats -%}
        {%- set local = 'coalesce(try_strptime(' ~ text ~ ', ' ~ formats ~ '), ' ~ local ~ ')' -%}
    {%- endif -%}
    case
        when {{ text }} like '____-__-__%:%Z' or {{ text }} like '____-__-__%:%+%' or {{ text }} like '____-__-__%:%-%'
            then coalesce(
                timezone('UTC', try_cast({{ text }} as timestamptz)),
                try_strptime({{ text }}, ['%Y-%m-%dT%H:%MZ', '%Y-%m-%d %H:%MZ'])
            )
        {%- if reporting_zone != source_zone %}
        when {{ local }} = date_trunc('day', {{ local }}) and {{ text }} not like '%:%'
            then {{ from_zone_to_utc(local, reporting_zone) }}
        {%- endif %}
        else {{ from_zone_to_utc(local, source_zone) }}
    end
{%- endmacro %}


{% macro try_date(text, formats=[]) -%}
    {{ return(adapter.dispatch('try_date', 'pipeline_kpis')(text, formats)) }}
{%- endmacro %}

{% macro duckdb__try_date(text, formats) -%}
    {%- if formats -%}
        coalesce(cast(try_strptime({{ text }}, {{ formats }}) as date), try_cast({{ text }} as date))
    {%- else -%}
        try_cast({{ text }} as date)
    {%- endif -%}
{%- endmacro %}


{% macro try_number(text) -%}
    {{ return(adapter.dispatch('try_number', 'pipeline_kpis')(text)) }}
{%- endmacro %}

{% macro duckdb__try_number(text) -%}
    try_cast({{ text }} as {{ amount_type() }})
{%- endmacro %}


{% macro try_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}
