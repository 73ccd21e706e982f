{# Months from the month of one date to the month of a later one, whatever their days: 31 January to 1
   February is one. #}
{% macro months_between(first, second) -%}
    cast({{ dbt.datediff(first, second, 'month') }} as integer)
{%- endmacro %}
