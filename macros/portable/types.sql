{# Money, sums and rates: exact, on every engine. #}
{% macro amount_type() -%} numeric(28, 6) {%- endmacro %}

{% macro amount(expression) -%} cast({{ expression }} as {{ amount_type() }}) {%- endmacro %}

{# Statistics only, never money. #}
{% macro double_type() -%} double precision {%- endmacro %}
