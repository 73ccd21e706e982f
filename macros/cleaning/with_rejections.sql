{# The end of a checked staging model: all rows of a CTE that came from checked_cells, each accepted (rejection_code is
   null) or rejected with a code and a sentence. After the cells come the entity's own rules, in order, each a dictionary
   of code, when and because (SQL); last, of the rows that pass and share an id, only the one loaded last is kept.
   A row that one of these rules rejects stands for none before it, unless the rule says replaces_older: what turns out to
   be a test is one, whatever was loaded before.
   The raw record is kept with every rejected row, whole and with personal data masked. #}
{% macro with_rejections(cte, entity, rules=[], keep=[]) %}
{%- set columns = entity_columns(entity) -%}
{%- set key = key_column(entity) -%}
{%- set may_stand -%}
    (rule_code is null
    {%- for rule in rules if rule.replaces_older %} or rule_code = '{{ rule.code }}'{% endfor %})
{%- endset %}
ruled as {{ not_kept() }} (

    select
        *,
        case
            {%- for column, type in columns.items() %}
            {%- if 'required' in type %}
            when failed_column = '{{ column }}' and raw_{{ column }} is null then 'missing_value'
            {%- endif %}
            {%- if type.split()[0] != 'text' %}
            when failed_column = '{{ column }}' then 'unreadable_{{ type.split()[0] }}'
            {%- endif %}
            {%- endfor %}
            {%- for rule in rules %}
            when {{ rule.when }} then '{{ rule.code }}'
            {%- endfor %}
        end as rule_code,
        case
            {%- for column, type in columns.items() %}
            {%- if 'required' in type %}
            when failed_column = '{{ column }}' and raw_{{ column }} is null
                then '{{ column }} is missing.'
            {%- endif %}
            {%- if type.split()[0] != 'text' %}
            when failed_column = '{{ column }}'
                then {{ dbt.concat([
                    "'" ~ column ~ " is not a " ~ type.split()[0] ~ ": '", masked('raw_' ~ column), "'.'"
                ]) }}
            {%- endif %}
            {%- endfor %}
            {%- for rule in rules %}
            when {{ rule.when }} then {{ rule.because }}
            {%- endfor %}
        end as rule_reason

    from {{ cte }}

),
{%- if key %}

{# Only copies are put in order: a window over every row would sort them all by every column. What is rejected anyway
   is no copy. No row is picked by its rule here, which would be worked out once more for that. #}
copies as (

    select
        *,
        cast(1 as {{ dbt.type_bigint() }}) as copy_number
    from ruled
    where repeated_id is null

    union all

    select
        *,
        case
            when not {{ may_stand }} then 1
            else row_number() over (
                partition by {{ key }}, case when {{ may_stand }} then 1 else 0 end
                order by
                    {%- if 'loaded_at' in columns %}
                    loaded_at desc nulls last,
                    {%- endif %}
                    {# Row 102 comes after row 3. #}
                    length(source_row) desc,
                    source_row desc{% for column in columns %},
                    raw_{{ column }} nulls last
                    {%- endfor %}
            )
        end as copy_number
    from ruled
    where repeated_id is not null

),

coded as (

    select
        *,
        case when copy_number > 1 then 'duplicate_id' else rule_code end as rejection_code,
        case
            when copy_number > 1
                then {{ dbt.concat([
                    "'" ~ key ~ " '", masked(key), "' came more than once; the row that was loaded last is kept.'"
                ]) }}
            else rule_reason
        end as rejection_reason

    from copies

)
{%- else %}

coded as (

    select
        *,
        rule_code as rejection_code,
        rule_reason as rejection_reason

    from ruled

)
{%- endif %}

select
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {%- for column in keep %}
    {{ column }},
    {%- endfor %}
    source_row,
    rejection_code,
    rejection_reason,
    case when rejection_code is not null then {{ json_text(columns) }} end as raw_record,
    case when rejection_code is not null then {{ json_text(columns, mask=true) }} end as masked_record

from coded
{% endmacro %}
