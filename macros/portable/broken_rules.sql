{# The rules of a table that its rows break: a row for each, with the rule in words, how many rows break it and one of them.

   not_null: columns. unique: columns, or lists of columns that are unique together. accepted_values: for a column, the values
   that it may have. As dbt has it, null is no value that is not accepted, and a single column may be null twice; of columns
   that are unique together, two nulls are the same. What can be told from a row alone is counted in one pass.

   The row that stands for those that break a rule is named by the first columns that are unique. #}
{% macro broken_rules(table, not_null=[], unique=[], accepted_values={}) -%}
    {%- if not (not_null or unique or accepted_values) -%}
        {{ exceptions.raise_compiler_error('Rules of ' ~ table ~ ': none are given.') }}
    {%- endif -%}
    {%- for given in [not_null, unique] + accepted_values.values() | list if given is string -%}
        {{ exceptions.raise_compiler_error('Rules of ' ~ table ~ ': ' ~ given ~ ' should be a list, [' ~ given ~ '].') }}
    {%- endfor -%}

    {%- set keys = [] -%}
    {%- for columns in unique -%}
        {%- do keys.append([columns] if columns is string else columns) -%}
    {%- endfor -%}

    {%- set row_rules = [] -%}
    {%- for column in not_null -%}
        {%- do row_rules.append({'words': column ~ ' is never null', 'broken': column ~ ' is null', 'about': []}) -%}
    {%- endfor -%}
    {%- for column, values in accepted_values.items() -%}
        {%- set literals = [] -%}
        {%- for value in values -%}
            {%- do literals.append(text_literal(value)) -%}
        {%- endfor -%}
        {%- do row_rules.append({
            'words': column ~ ' is one of ' ~ values | join(', '),
            'broken': column ~ ' not in (' ~ literals | join(', ') ~ ')',
            'about': [column],
        }) -%}
    {%- endfor -%}

    with

    {%- if row_rules %}

    counted as (
        select
            {%- for rule in row_rules %}
            {%- set shown = rule.about + (keys | first | default([])) %}
            count(case when {{ rule.broken }} then 1 end) as failing_rows_{{ loop.index }},
            min(
                case when {{ rule.broken }} then {{ cells_in_words(shown) }} end
            ) as example_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ table }}
    ),
    {%- endif %}

    checked as (
        {%- for rule in row_rules %}
        select
            {{ text_literal(rule.words) }} as rule,
            failing_rows_{{ loop.index }} as failing_rows,
            example_{{ loop.index }} as example
        from counted
        {%- if keys or not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
        {%- for columns in keys %}
        select
            {{ text_literal(columns | join(', ') ~ (' are unique together' if columns | length > 1 else ' is unique')) }} as rule,
            cast(sum(copies) as {{ dbt.type_bigint() }}) as failing_rows,
            min({{ cells_in_words(columns) }}) as example
        from (
            select
                {{ columns | join(', ') }},
                count(*) as copies
            from {{ table }}
            {%- if columns | length == 1 %}
            where {{ columns[0] }} is not null
            {%- endif %}
            group by {{ columns | join(', ') }}
            having count(*) > 1
        ) as repeated
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    )

    select * from checked where failing_rows > 0
{%- endmacro %}


{# The cells of a row as "deal_id=D7, stage=null". #}
{% macro cells_in_words(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append(text_literal((', ' if not loop.first else '') ~ column ~ '=')) -%}
        {%- do parts.append('coalesce(cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ "), 'null')") -%}
    {%- endfor -%}
    {{ dbt.concat(parts) if parts else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
{%- endmacro %}
