{# The CTEs that turn an entity's raw text into typed columns. They end with `cells`: every column typed, its raw text
   beside it as raw_<column>, and failed_column, the first column whose cell is missing though required, or is not what
   the column says. No CTE is kept: the typed rows of a large entity, each with its raw text, would fill the memory. #}
{% macro checked_cells(entity) %}
{%- set columns = entity_columns(entity) -%}
{%- set key = key_column(entity) -%}
raw as {{ not_kept() }} (

    select * from {{ ref('base_' ~ entity) }}

),

trimmed as {{ not_kept() }} (

    select
        {%- for column in columns %}
        nullif(trim({{ column }}), '') as raw_{{ column }},
        {%- endfor %}
        source_row

    from raw

),
{%- if key %}

repeated_ids as (

    select raw_{{ key }} as repeated_id
    from trimmed
    where raw_{{ key }} is not null
    group by 1
    having count(*) > 1

),

{# Known before the cells are typed, so that a branch that wants only those which came more than once types no others. #}
marked as {{ not_kept() }} (

    select
        trimmed.*,
        repeated_ids.repeated_id
    from trimmed
    left join repeated_ids on trimmed.raw_{{ key }} = repeated_ids.repeated_id

),
{%- endif %}

typed as {{ not_kept() }} (

    select
        *,
        {%- for column, type in columns.items() %}
        {{ typed_cell(entity, 'raw_' ~ column, type) }} as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ 'marked' if key else 'trimmed' }}

),

cells as {{ not_kept() }} (

    select
        *,
        case
            {%- for column, type in columns.items() if 'required' in type %}
            when raw_{{ column }} is null then '{{ column }}'
            {%- endfor %}
            {%- for column, type in columns.items() if type.split()[0] != 'text' %}
            when raw_{{ column }} is not null and {{ unreadable(column, type) }} then '{{ column }}'
            {%- endfor %}
        end as failed_column

    from typed

)
{%- endmacro %}


{# One cell as its type. Formats and the source's time zone are the mapping's. #}
{% macro typed_cell(entity, text, type) -%}
    {%- set mapping = (var('mapping') or {}).get(entity) or {} -%}
    {%- set formats = mapping.get('date_formats') or [] -%}
    {%- set kind = type.split()[0] -%}
    {%- if kind == 'timestamp' -%}
        {{ try_timestamp(text, formats, mapping.get('time_zone') or 'UTC', var('reporting_time_zone')) }}
    {%- elif kind == 'date' -%}
        {{ try_date(text, formats) }}
    {%- elif kind == 'number' and 'rate' in type -%}
        {{ try_rate(text) }}
    {%- elif kind == 'number' -%}
        {{ try_number(text) }}
    {%- elif kind == 'boolean' -%}
        {{ try_boolean(text) }}
    {%- else -%}
        {{ text }}
    {%- endif -%}
{%- endmacro %}


{# A year of 24 or 9999 is a slip of the pen or a placeholder, not a date. #}
{% macro unreadable(column, type) -%}
    {%- if type.split()[0] in ('date', 'timestamp') -%}
        ({{ column }} is null or {{ column }} < '1900-01-01' or {{ column }} >= '2200-01-01')
    {%- else -%}
        {{ column }} is null
    {%- endif -%}
{%- endmacro %}
