{# The slices that a KPI is published by: those of var kpi_slices, or the ones named that are among them. #}
{% macro slices_of() -%}
    {%- if not varargs -%}
        {{ return(var('kpi_slices')) }}
    {%- endif -%}
    {{ return(var('kpi_slices') | select('in', varargs) | list) }}
{%- endmacro %}


{# The slice columns of an event, each with its comma. #}
{% macro slice_columns(slices=none, of=none) -%}
    {%- for slice in (slices_of() if slices is none else slices) %}
        {{ of ~ '.' if of }}{{ slice }},
    {%- endfor %}
{%- endmacro %}
