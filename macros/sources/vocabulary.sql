{# What the business decides, as rows: the mapping's vocabulary where it has one, else the seed of that name.
   The first column is the word as it comes; `word_key` is what it is found by. #}
{% macro vocabulary(name, columns) %}
    {%- set given = (var('vocabulary') or {}).get(name) -%}
    {%- set word = columns[0] -%}
with

words as (

    {% if given -%}
    {%- for spelling, facts in given.items() %}
    select
        '{{ (spelling | string) | replace("'", "''") }}' as {{ word }}
        {%- for column in columns[1:] %},
        {%- set fact = facts.get(column) %}
        {% if fact is none %}null{% else %}'{{ (fact | string) | replace("'", "''") }}'{% endif %} as {{ column }}
        {%- endfor %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- else -%}
    select * from {{ ref(name) }}
    {%- endif %}

)

select
    lower(trim({{ word }})) as word_key,
    {%- for column in columns %}
    cast({{ column }} as {{ dbt.type_string() }}) as {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}

from words
{% endmacro %}
