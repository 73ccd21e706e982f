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
        when {{ text }} like '____-%-%:%Z' or {{ text }} like '____-%-%:%+%' or {{ text }} like '____-%-%:%-%'
            {# DuckDB wants seconds before an offset, and no blank. #}
            then timezone('UTC', coalesce(
                try_cast({{ text }} as timestamptz),
                try_cast(regexp_replace(
                    regexp_replace({{ text }}, ' ([Z+-])', '\1'), '([ T][0-9]{1,2}:[0-9]{2})([Z+-])', '\1:00\2'
                ) as timestamptz)
            ))
        {%- if reporting_zone != source_zone %}
        when {{ local }} = date_trunc('day', {{ local }}) and {{ text }} not like '%:%'
            then {{ from_zone_to_utc(local, reporting_zone) }}
        {%- endif %}
        else {{ from_zone_to_utc(local, source_zone) }}
    end
{%- endmacro %}


{% macro postgres__try_timestamp(text, formats, source_zone, reporting_zone) -%}
    {%- set text = iso_text(text, formats) -%}
    case
        when not {{ is_iso_time(text) }} then null
        when {{ text }} ~ '[Z+]' or {{ text }} ~ ':.*-' then cast({{ text }} as timestamptz) at time zone 'UTC'
        {%- if reporting_zone != source_zone %}
        when {{ text }} not like '%:%'
            then {{ from_zone_to_utc('cast(' ~ text ~ ' as timestamp)', reporting_zone) }}
        {%- endif %}
        else {{ from_zone_to_utc('cast(' ~ text ~ ' as timestamp)', source_zone) }}
    end
{%- endmacro %}


{# The session's time zone is UTC (profiles.yml). #}
{% macro spark__try_timestamp(text, formats, source_zone, reporting_zone) -%}
    {%- set local = spark_local(text, formats, 'timestamp') -%}
    case
        when {{ spark_is_iso_time(text) }} and ({{ text }} rlike '[Z+]' or {{ text }} rlike ':.*-')
            {# Spark wants seconds before an offset, and no blank. #}
            then try_cast(regexp_replace(
                regexp_replace({{ text }}, ' (?=[Z+-])', ''), '([ T][0-9]{1,2}:[0-9]{2})(?=[Z+-])', '$1:00'
            ) as timestamp)
        {%- if reporting_zone != source_zone %}
        when {{ text }} not like '%:%' then {{ from_zone_to_utc(local, reporting_zone) }}
        {%- endif %}
        else {{ from_zone_to_utc(local, source_zone) }}
    end
{%- endmacro %}


{# A format of the mapping, for engines that do not read it themselves: what stands before its first code, then each code
   with what follows it; '%d.%m.' is '', 'd.' and 'm.'. A code that they would misread stops the build. #}
{% macro format_parts(format) -%}
    {%- set parts = format.split('%') -%}
    {%- for part in parts[1:] if part[:1] not in ['Y', 'm', 'd', 'H', 'M', 'S', 'f'] -%}
        {%- do exceptions.raise_compiler_error(
            'date_formats: ' ~ format ~ ' has %' ~ part[:1] ~ '; this engine reads %Y %m %d %H %M %S %f only'
        ) -%}
    {%- endfor -%}
    {{ return(parts) }}
{%- endmacro %}


{# A text as a date or a timestamp without an offset: by the formats of the mapping in Java's letters, else as ISO. #}
{% macro spark_local(text, formats, type) -%}
    {%- set letters = {'Y': 'yyyy', 'm': 'M', 'd': 'd', 'H': 'H', 'M': 'mm', 'S': 'ss', 'f': 'SSSSSS'} -%}
    {%- set readings = [] -%}
    {%- for format in formats -%}
        {%- set parts = format_parts(format) -%}
        {%- set pattern = [parts[0] | replace('T', "''T''")] -%}
        {%- for part in parts[1:] -%}
            {%- do pattern.append(letters[part[0]] ~ (part[1:] | replace('T', "''T''"))) -%}
        {%- endfor -%}
        {%- do readings.append('cast(try_to_timestamp(' ~ text ~ ", '" ~ pattern | join ~ "') as " ~ type ~ ')') -%}
    {%- endfor -%}
    {%- do readings.append('case when ' ~ spark_is_iso_time(text) ~ ' then try_cast(' ~ text ~ ' as ' ~ type ~ ') end') -%}
    coalesce({{ readings | join(', ') }})
{%- endmacro %}


{# Whether a text looks like an ISO date, with or without a time and an offset; left to itself, Spark reads a bare year, a
   bare time and the word `now` as well. No backslashes: Spark takes them for escapes. #}
{% macro spark_is_iso_time(text) -%}
    {{ text }} rlike concat(
        '^[0-9]{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12][0-9]|3[01])',
        '([ T]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?$'
    )
{%- endmacro %}


{# A text in one of the formats of the mapping, as the ISO text of the same time, for engines whose own formats may fail: the
   digits are taken out of it and put in ISO's order. #}
{% macro iso_text(text, formats) -%}
    {%- set digits = {'Y': '[0-9]{4}', 'm': '[0-9]{1,2}', 'd': '[0-9]{1,2}', 'H': '[0-9]{1,2}', 'M': '[0-9]{2}',
        'S': '[0-9]{2}', 'f': '[0-9]{1,6}'} -%}
    {%- if not formats -%}
        {{ return(text) }}
    {%- endif -%}
    case
    {%- for format in formats %}
        {%- set parts = format_parts(format) -%}
        {%- set pattern = ['^' ~ modules.re.escape(parts[0])] -%}
        {%- set place = {} -%}
        {%- for part in parts[1:] -%}
            {%- do place.update({part[0]: '\\' ~ loop.index}) -%}
            {%- do pattern.append('(' ~ digits[part[0]] ~ ')' ~ modules.re.escape(part[1:])) -%}
        {%- endfor -%}
        {%- set iso = [place['Y'] ~ '-' ~ place['m'] ~ '-' ~ place['d']] -%}
        {%- if 'H' in place -%} {%- do iso.append(' ' ~ place['H'] ~ ':' ~ place.get('M', '00')) -%} {%- endif -%}
        {%- if 'S' in place -%} {%- do iso.append(':' ~ place['S']) -%} {%- endif -%}
        {%- if 'f' in place -%} {%- do iso.append('.' ~ place['f']) -%} {%- endif -%}
        {%- set pattern = (pattern | join) ~ '$' %}
        when {{ text }} ~ '{{ pattern }}' then regexp_replace({{ text }}, '{{ pattern }}', '{{ iso | join }}')
    {%- endfor %}
        else {{ text }}
    end
{%- endmacro %}


{# Whether a text is an ISO date, with or without a time and an offset, and a day that there was: 30 February is none. #}
{% macro is_iso_time(text) -%}
    case
        when {{ text }} is null or {{ text }} !~ (
            '^\d{4}-(0?[1-9]|1[0-2])-(0?[1-9]|[12]\d|3[01])'
            || '([ T]([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?$'
        ) then false
        when left({{ text }}, 4) = '0000' then false
        else cast(substring({{ text }} from '^\d{4}-\d+-(\d+)') as integer) <= extract(
            day from cast(substring({{ text }} from '^\d{4}-\d+') || '-01' as date) + interval '1 month - 1 day'
        )
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

{% macro postgres__try_date(text, formats) -%}
    {%- set text = iso_text(text, formats) -%}
    case when {{ is_iso_time(text) }} then cast(substring({{ text }} from '^[0-9-]+') as date) end
{%- endmacro %}

{% macro spark__try_date(text, formats) -%}
    {{ spark_local(text, formats, 'date') }}
{%- endmacro %}


{% macro try_number(text) -%}
    {{ return(adapter.dispatch('try_number', 'pipeline_kpis')(text)) }}
{%- endmacro %}

{% macro try_rate(text) -%}
    {{ return(adapter.dispatch('try_rate', 'pipeline_kpis')(text)) }}
{%- endmacro %}

{# A narrow number is read two hundred times as fast as a wide one; whatever is too large for it is read again. #}
{% macro duckdb__try_number(text) -%}
    coalesce(
        cast(try_cast({{ text }} as numeric(18, 6)) as {{ amount_type() }}), try_cast({{ text }} as {{ amount_type() }})
    )
{%- endmacro %}

{% macro duckdb__try_rate(text) -%}
    try_cast({{ text }} as {{ rate_type() }})
{%- endmacro %}

{% macro postgres__try_number(text) -%}
    {{ postgres_number(text, '1e22', amount_type()) }}
{%- endmacro %}

{% macro postgres__try_rate(text) -%}
    {{ postgres_number(text, '1e16', rate_type()) }}
{%- endmacro %}

{% macro postgres_number(text, limit, type) -%}
    cast(
        case
            when {{ text }} !~ '^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?$' then null
            when abs(cast({{ text }} as numeric)) < {{ limit }} then cast({{ text }} as numeric)
        end as {{ type }}
    )
{%- endmacro %}

{% macro spark__try_number(text) -%}
    try_cast({{ text }} as {{ amount_type() }})
{%- endmacro %}

{% macro spark__try_rate(text) -%}
    try_cast({{ text }} as {{ rate_type() }})
{%- endmacro %}


{% macro try_boolean(text) -%}
    case
        when lower({{ text }}) in ('true', 't', 'yes', 'y', '1') then true
        when lower({{ text }}) in ('false', 'f', 'no', 'n', '0') then false
    end
{%- endmacro %}
