{# Whole days from one date to a later one; negative where the second is the earlier. #}
{% macro days_between(first, second) -%}
    cast({{ dbt.datediff(first, second, 'day') }} as integer)
{%- endmacro %}
