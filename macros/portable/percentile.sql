{# A percentile of a decimal, exact to six places: of millionths, because the middle of two whole numbers is the same double
   on every engine. #}
{% macro percentile(share, measure) -%}
    {%- set millionths = 'cast((' ~ measure ~ ') * 1000000 as ' ~ double_type() ~ ')' -%}
    {%- set found = 'percentile_cont(' ~ share ~ ') within group (order by ' ~ millionths ~ ')' -%}
    {{ amount('cast(floor(' ~ found ~ ' + 0.5) as ' ~ dbt.type_bigint() ~ ') * 0.000001') }}
{%- endmacro %}
