{# The only division of the project: null when there is nothing to divide by, exact to six places. Both sides are doubles
   first: two whole numbers divide to a whole number on some engines, and two decimals to more places on some than on others. #}
{% macro ratio(numerator, denominator) -%}
    {{ rounded(factor(numerator, denominator)) }}
{%- endmacro %}


{# The same before it is rounded, for factors that are multiplied again: six places of a yield are money, once
   thousands of leads are times a deal. #}
{% macro factor(numerator, denominator) -%}
    cast({{ numerator }} as {{ double_type() }}) / nullif(cast({{ denominator }} as {{ double_type() }}), 0)
{%- endmacro %}
