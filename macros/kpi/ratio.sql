{# The only division of the project: null when there is nothing to divide by, exact to six places. #}
{% macro ratio(numerator, denominator) -%}
    {{ amount('(' ~ numerator ~ ') / nullif(' ~ denominator ~ ', 0)') }}
{%- endmacro %}
