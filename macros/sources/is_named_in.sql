{# Whether a list of names, separated by blanks, has a name: the whole of it. #}
{% macro is_named_in(name, names) -%}
    {{ dbt.concat(["' '", names, "' '"]) }}
        like {{ dbt.concat(["'% '", name, "' %'"]) }}
{%- endmacro %}
