{# The raw cells of a row as the text of a JSON object. With mask, personal columns and anything that looks like an
   e-mail address or a telephone number are hidden. #}
{% macro json_text(columns, mask=false) -%}
    {%- set parts = [] -%}
    {%- for column, type in columns.items() -%}
        {%- set cell = 'raw_' ~ column -%}
        {%- if mask and 'personal' in type -%}
            {%- set text = "case when " ~ cell ~ " is null then 'null' else '\"***\"' end" -%}
        {%- else -%}
            {%- set shown = masked(cell) if mask else cell -%}
            {%- set text = "coalesce(" ~ dbt.concat(["'\"'", json_escaped(shown), "'\"'"]) ~ ", 'null')" -%}
        {%- endif -%}
        {%- do parts.append("'" ~ ('{' if loop.first else ', ') ~ '"' ~ column ~ '": ' ~ "'") -%}
        {%- do parts.append(text) -%}
    {%- endfor -%}
    {%- do parts.append("'}'") -%}
    {{ dbt.concat(parts) }}
{%- endmacro %}


{# chr(92) is the backslash, which some engines read as an escape in a literal. #}
{% macro json_escaped(text) -%}
    {%- set escapes = [['chr(92)', 'chr(92)'], ["'\"'", "'\"'"], ['chr(10)', "'n'"], ['chr(13)', "'r'"], ['chr(9)', "'t'"]] -%}
    {%- set escaped = namespace(text=text) -%}
    {%- for character, letter in escapes -%}
        {%- set escaped.text = 'replace(' ~ escaped.text ~ ', ' ~ character ~ ', ' ~ dbt.concat(['chr(92)', letter]) ~ ')' -%}
    {%- endfor -%}
    {{ escaped.text }}
{%- endmacro %}


{% macro masked(text) -%}
    case when {{ text }} like '%@%' or {{ text }} like '+%' or {{ text }} like '(%' then '***' else {{ text }} end
{%- endmacro %}
