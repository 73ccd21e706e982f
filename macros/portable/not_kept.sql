{# Of a CTE that is read more than once: `as {{ not_kept() }} (` has it worked out each time, for the rows and columns that are
   asked for, where the engine would otherwise keep it whole. Spark never keeps one. #}
{% macro not_kept() -%}
    {{ return(adapter.dispatch('not_kept', 'pipeline_kpis')()) }}
{%- endmacro %}

{% macro default__not_kept() -%} not materialized {%- endmacro %}

{% macro spark__not_kept() -%} {%- endmacro %}
