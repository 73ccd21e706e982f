{# A percentile of a decimal, exact to six places: of millionths, because the middle of two whole numbers is the same double
   on every engine. #}
{% macro percentile(share, measure) -%}
    {%- set millionths = 'cast((' ~ measure ~ ') * 1000000 as ' ~ double_type() ~ ')' -%}
    {{ from_millionths('percentile_cont(' ~ share ~ ') within group (order by ' ~ millionths ~ ')') }}
{%- endmacro %}


{# Millionths as an amount: to the nearest whole one, a half upwards. Between two values each engine interpolates with a last
   digit of its own, and one would call a half what another calls less: a thousandth less than a half counts as a half. #}
{% macro from_millionths(millionths) -%}
    {{ amount('cast(floor(' ~ millionths ~ ' + 0.501e0) as ' ~ dbt.type_bigint() ~ ') * 0.000001') }}
{%- endmacro %}
