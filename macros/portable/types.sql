{# Money, sums and rates: exact, on every engine. #}
{% macro amount_type() -%} numeric(28, 6) {%- endmacro %}

{% macro amount(expression) -%} cast({{ expression }} as {{ amount_type() }}) {%- endmacro %}

{# What a unit of a currency is worth in another: that may be a small part of a millionth. #}
{% macro rate_type() -%} numeric(28, 12) {%- endmacro %}


{# Two amounts multiplied. DuckDB rounds a number of 18 digits fifteen times as fast as a wider one; whatever is too large for
   it is rounded before it is cast: a third of the time. The digits are the same. #}
{% macro product(one, other) -%}
    {{ return(adapter.dispatch('product', 'pipeline_kpis')(one, other)) }}
{%- endmacro %}

{% macro default__product(one, other) -%}
    {{ amount(one ~ ' * ' ~ other) }}
{%- endmacro %}

{% macro duckdb__product(one, other) -%}
    {%- set product = one ~ ' * ' ~ other -%}
    case
        when {{ product }} between -999999 and 999999 then {{ amount('round(cast(' ~ product ~ ' as numeric(18, 12)), 6)') }}
        else {{ amount('round(' ~ product ~ ', 6)') }}
    end
{%- endmacro %}


{# An amount at an exchange rate; most are in the reporting currency, where nothing is to be multiplied. #}
{% macro converted(value, rate) -%}
    {{ return(adapter.dispatch('converted', 'pipeline_kpis')(value, rate)) }}
{%- endmacro %}

{% macro default__converted(value, rate) -%}
    {{ amount('case when ' ~ rate ~ ' = 1 then ' ~ value ~ ' else ' ~ value ~ ' * ' ~ rate ~ ' end') }}
{%- endmacro %}

{# Most rates have six decimals: as a number of 18 digits, such a one is multiplied in a quarter of the time. #}
{% macro duckdb__converted(value, rate) -%}
    {%- set narrow = 'try_cast(' ~ rate ~ ' as numeric(18, 12))' -%}
    {%- set six_places = 'cast(' ~ narrow ~ ' as numeric(18, 6))' -%}
    case
        when {{ rate }} = 1 then {{ value }}
        when {{ narrow }} = {{ six_places }} then {{ product(value, six_places) }}
        else {{ amount('round(' ~ value ~ ' * ' ~ rate ~ ', 6)') }}
    end
{%- endmacro %}


{# Statistics only, never money. #}
{% macro double_type() -%}
    {{ return(adapter.dispatch('double_type', 'pipeline_kpis')()) }}
{%- endmacro %}

{% macro default__double_type() -%} double precision {%- endmacro %}

{% macro spark__double_type() -%} double {%- endmacro %}


{# A double as an amount, with the same sixth place on every engine: times a million, halves away from zero. #}
{% macro rounded(expression) -%}
    {{ return(adapter.dispatch('rounded', 'pipeline_kpis')(expression)) }}
{%- endmacro %}

{% macro duckdb__rounded(expression) -%}
    {{ amount(expression) }}
{%- endmacro %}

{% macro postgres__rounded(expression) -%}
    {{ amount('round(cast(cast((' ~ expression ~ ') * 1e6 as text) as numeric)) * 0.000001') }}
{%- endmacro %}

{% macro spark__rounded(expression) -%}
    {{ amount('cast(round((' ~ expression ~ ') * 1e6) as decimal(28, 0)) * 0.000001') }}
{%- endmacro %}
