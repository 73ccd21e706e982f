{# CSV and Parquet files, read by DuckDB. Every cell is text here: a cell that cannot be cast becomes a rejected
   row in staging, not a failed run. docs/mapping.md explains the options. #}
{% macro raw_from_files(entity) %}
    {%- set mapping = entity_mapping(entity) -%}
    {%- if not mapping -%}
        {{ raw_nothing(entity) }}
    {%- else %}
select
    {{ mapped_columns(entity, mapping) }}
    {{ entity }}.source_row

from (

    {# The canonical columns that the file does not have are null. #}
    select
        {%- for column in entity_columns(entity) %}
        cast(null as varchar) as {{ column }},
        {%- endfor %}
        cast(null as varchar) as source_row
    where false

    union all by name

    {{ numbered_rows(mapping) }}

) as {{ entity }}
{%- for name, lookup in (mapping.get('lookups') or {}).items() %}

left join ({{ file_scan(lookup) }}) as {{ name }}
    on {{ lookup['on'] }}
{%- endfor %}
{%- if mapping.get('where') %}

where {{ mapping['where'] }}
{%- endif %}
    {%- endif -%}
{% endmacro %}


{# Rows are numbered as a spreadsheet does: the header is row 1. A Parquet file knows the place of each of its rows,
   from 0; the rows of CSV files are counted, which one thread does alone. #}
{% macro numbered_rows(mapping) %}
    {%- set scan = '(' ~ file_scan(mapping, with_place=true) ~ ')' -%}
    {%- if is_parquet(mapping) -%}
        {%- set place = 'file_row_number' -%}
        {%- set number = place ~ ' + 2' -%}
    {%- else -%}
        {%- set paths = paths_of(mapping) -%}
        {%- set place = 'scan_position' -%}
        {%- set number = place ~ ' + ' ~ (1 + (mapping.get('skip_lines') or 0)) -%}
        {%- if paths | length > 1 or '*' in paths[0] or '?' in paths[0] -%}
            {%- set number = number ~ ' - min(' ~ place ~ ') over (partition by source_file) + 1' -%}
        {%- endif -%}
        {%- set scan = '(select *, row_number() over () as ' ~ place ~ ' from ' ~ scan ~ ')' -%}
    {%- endif %}
    select
        columns(* exclude (source_file, {{ place }}))::varchar,
        parse_filename(source_file) || ' row ' || ({{ number }})::varchar as source_row
    from {{ scan }}
{% endmacro %}


{% macro paths_of(mapping) -%}
    {{ return([mapping['path']] if mapping['path'] is string else mapping['path']) }}
{%- endmacro %}


{% macro is_parquet(mapping) -%}
    {{ return(paths_of(mapping)[0].lower().endswith('.parquet')) }}
{%- endmacro %}


{% macro file_scan(mapping, with_place=false) -%}
    {%- if 'path' not in mapping -%}
        {{ exceptions.raise_compiler_error("An entity of the mapping has no path: " ~ mapping) }}
    {%- endif -%}
    {%- set paths = paths_of(mapping) -%}
    {%- set files = "['" ~ paths | map('replace', "'", "''") | join("', '") ~ "']" -%}
    {%- set name = ", filename = 'source_file'" if with_place else '' -%}
    {%- set first = paths[0] | lower -%}
    {%- if first.endswith('.xlsx') or first.endswith('.xls') or first.endswith('.ods') -%}
        {{ exceptions.raise_compiler_error(
            paths[0] ~ " is a workbook; run it through scripts/kpis.py run --mapping, which reads its sheets"
        ) }}
    {%- elif is_parquet(mapping) -%}
        select *{% if with_place %}, file_row_number{% endif %} from read_parquet({{ files }}, union_by_name = true{{ name }})
    {%- else -%}
        select * from read_csv(
            {{ files }}, all_varchar = true, header = true, union_by_name = true, quote = '"', escape = '"',
            {# Said, because DuckDB guesses what is not: rows that begin with # would be comments and lost. #}
            comment = '', skip = {{ mapping.get('skip_lines') or 0 }}
            {{- name }}
            {%- if mapping.get('delimiter') %}, delim = '{{ mapping['delimiter'] }}'{% endif %}
            {%- if mapping.get('encoding') %}, encoding = '{{ mapping['encoding'] }}'{% endif %}
            {%- if mapping.get('null_values') %}, nullstr = {{ [''] + mapping['null_values'] }}{% endif %}
        )
    {%- endif -%}
{%- endmacro %}
