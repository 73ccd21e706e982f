{# The last day that counts: "now" is its end. The only clock of the project. #}
{% macro as_of() -%}
    {%- if var('as_of') -%}
        cast('{{ var("as_of") }}' as date)
    {%- else -%}
        (select as_of_date from {{ ref('int_clock') }})
    {%- endif -%}
{%- endmacro %}
