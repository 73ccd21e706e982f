{# A channel as the vocabulary calls it; a name that the vocabulary does not know is kept, in lower case. #}
{% macro clean_channel(spelled, known) -%}
    coalesce({{ known }}, lower({{ spelled }}))
{%- endmacro %}


{# A currency code as it is written everywhere else; amounts without one are in the reporting currency. #}
{% macro clean_currency(currency) -%}
    coalesce(upper({{ currency }}), '{{ var("reporting_currency") }}')
{%- endmacro %}
