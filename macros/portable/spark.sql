{# What dbt says on Spark, said so that it fits the rest: dbt-spark's own date arithmetic fails on a null, and its seeds
   write a null as the text None. A null stays null here, as on every other engine. #}

{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    timestampadd({{ datepart }}, {{ interval }}, {{ from_date_or_timestamp }})
{%- endmacro %}


{# Boundaries crossed between the two, as the other engines count them. #}
{% macro spark__datediff(first_date, second_date, datepart) -%}
    {%- set first = 'cast(' ~ first_date ~ ' as date)' -%}
    {%- set second = 'cast(' ~ second_date ~ ' as date)' -%}
    {%- if datepart == 'second' -%}
        (unix_seconds(cast({{ second_date }} as timestamp)) - unix_seconds(cast({{ first_date }} as timestamp)))
    {%- elif datepart == 'day' -%}
        date_diff({{ second }}, {{ first }})
    {%- elif datepart == 'week' -%}
        date_diff(date_trunc('week', {{ second }}), date_trunc('week', {{ first }})) div 7
    {%- elif datepart == 'month' -%}
        ((year({{ second }}) - year({{ first }})) * 12 + month({{ second }}) - month({{ first }}))
    {%- elif datepart == 'quarter' -%}
        ((year({{ second }}) - year({{ first }})) * 4 + quarter({{ second }}) - quarter({{ first }}))
    {%- elif datepart == 'year' -%}
        (year({{ second }}) - year({{ first }}))
    {%- else -%}
        {{ exceptions.raise_compiler_error("datediff by " ~ datepart ~ " is not written for Spark") }}
    {%- endif -%}
{%- endmacro %}


{# One row at a time, where the default joins a table of two rows to itself sixteen times. #}
{% macro spark__generate_series(upper_bound) -%}
    select explode(sequence(1, {{ upper_bound }})) as generated_number
{%- endmacro %}


{# In the order that is asked for, which dbt-spark leaves out. #}
{% macro spark__listagg(measure, delimiter_text, order_by_clause, limit_num) -%}
    {{ return(dbt.default__listagg(measure, delimiter_text, order_by_clause, limit_num)) }}
{%- endmacro %}


{# The columns of a view are looked up to describe them; dbt-spark runs the whole query for it. #}
{% macro spark__get_columns_in_query(select_sql) -%}
    {{ return(adapter.get_column_schema_from_query(get_empty_subquery_sql(select_sql)) | map(attribute='name') | list) }}
{%- endmacro %}


{# Contracts name types as the other engines do. #}
{% macro spark__cast(field, type) -%}
    cast({{ field }} as {{ double_type() if type == 'double precision' else type }})
{%- endmacro %}


{# The text of a literal, with the backslashes that it has. #}
{% macro spark__escape_single_quotes(expression) -%}
    {{ expression | replace("\\", "\\\\") | replace("'", "\\'") }}
{%- endmacro %}


{# A seed in one statement: text as it stands, nulls as nulls, `text` as Spark calls it. #}
{% macro spark__create_csv_table(model, agate_table) %}
    {%- set columns = [] -%}
    {%- for name, type in spark_seed_types(model, agate_table).items() -%}
        {%- do columns.append(adapter.quote_seed_column(name, model['config'].get('quote_columns')) ~ ' ' ~ type) -%}
    {%- endfor -%}
    {% set sql %}
        create table {{ this.render() }} ({{ columns | join(', ') }}) {{ file_format_clause() }} {{ comment_clause() }}
    {% endset %}
    {% call statement('_') -%} {{ sql }} {%- endcall %}
    {{ return(sql) }}
{% endmacro %}


{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = spark_seed_types(model, agate_table).values() | list -%}
    {%- set rows = [] -%}
    {%- for row in agate_table.rows -%}
        {%- set cells = [] -%}
        {%- for cell in row -%}
            {%- if cell is none -%}
                {%- do cells.append('null') -%}
            {%- else -%}
                {%- do cells.append("'" ~ (cell | string | replace("\\", "\\\\") | replace("'", "\\'")) ~ "'") -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ cells | join(',') ~ ')') -%}
    {%- endfor -%}
    {%- set cast_cells = [] -%}
    {%- for type in types -%}
        {%- do cast_cells.append('cast(col' ~ loop.index ~ ' as ' ~ type ~ ')') -%}
    {%- endfor -%}
    {%- if rows -%}
        {%- set sql = 'insert into ' ~ this.render() ~ ' select ' ~ cast_cells | join(', ') ~ ' from values ' ~ rows | join(',') -%}
        {%- do adapter.add_query(sql, abridge_sql_log=True) -%}
    {%- endif -%}
    {{ return('insert into ' ~ this.render()) }}
{% endmacro %}


{% macro spark_seed_types(model, agate_table) %}
    {%- set given = model['config'].get('column_types', {}) -%}
    {%- set types = {} -%}
    {%- for name in agate_table.column_names -%}
        {%- set type = given.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
        {%- do types.update({name: dbt.type_string() if type == 'text' else type}) -%}
    {%- endfor -%}
    {{ return(types) }}
{% endmacro %}
