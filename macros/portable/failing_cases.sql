{# The cases of a macro that an engine answers otherwise than expected, for the tests in tests/portable. Each case is a list:
   a text for each of the given columns, then the answer, none for null. `given` has the type of each column. #}
{% macro failing_cases(given, answer, answer_type, cases) -%}
    with

    cases as (
        {%- for case in cases %}
        select
            {%- for name, type in given.items() %}
            {{ literal(case[loop.index0], type) }} as {{ name }},
            {%- endfor %}
            {{ literal(case | last, answer_type) }} as expected
        {%- if not loop.last %}
        union all
        {%- endif %}
        {%- endfor %}
    ),

    answered as (
        select *, {{ answer }} as answer from cases
    )

    select * from answered
    where case when answer = expected or (answer is null and expected is null) then 0 else 1 end = 1
{%- endmacro %}


{% macro literal(text, type) -%}
    cast({{ 'null' if text is none else text_literal(text) }} as {{ type }})
{%- endmacro %}


{% macro text_literal(text) -%}
    {{ dbt.string_literal(dbt.escape_single_quotes(text | string)) }}
{%- endmacro %}
