{# Whether a day is so long ago that nine in ten outcomes of what began then have had time to come in
   (dim_maturity). #}
{% macro is_ripe(date, process) -%}
    {%- set wait = "(select days_p90 from " ~ ref('dim_maturity') ~ " where process = '" ~ process ~ "')" -%}
    coalesce({{ dbt.dateadd('day', wait, date) }} <= {{ as_of() }}, false)
{%- endmacro %}
