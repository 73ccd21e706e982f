{# The bounds of the 95 % Wilson interval of a share k of n: null for n = 0, never outside 0 and 1. #}
{% macro wilson_low(k, n) -%}
    {{ wilson_bound(k, n, '-') }}
{%- endmacro %}

{% macro wilson_high(k, n) -%}
    {{ wilson_bound(k, n, '+') }}
{%- endmacro %}

{% macro wilson_bound(k, n, sign) -%}
    {%- set z = '1.959964e0' -%}
    {%- set share = 'cast(' ~ k ~ ' as ' ~ double_type() ~ ')' -%}
    {%- set size = 'cast(' ~ n ~ ' as ' ~ double_type() ~ ')' -%}
    {{ amount("case when " ~ n ~ " > 0 then least(1e0, greatest(0e0, ("
        ~ share ~ " + " ~ z ~ " * " ~ z ~ " / 2e0 " ~ sign ~ " " ~ z ~ " * sqrt("
        ~ share ~ " * (" ~ size ~ " - " ~ share ~ ") / " ~ size ~ " + " ~ z ~ " * " ~ z ~ " / 4e0)) / ("
        ~ size ~ " + " ~ z ~ " * " ~ z ~ "))) end") }}
{%- endmacro %}


{# The bounds of the 95 % interval of the difference of two shares, from their own Wilson intervals (Newcombe's hybrid
   score): null where one of them is. *_low and *_high are the bounds of each share. #}
{% macro difference_low(share, share_low, other, other_high) -%}
    {{ amount('(' ~ share ~ ') - (' ~ other ~ ') - ' ~ root_of_squares(share, share_low, other_high, other)) }}
{%- endmacro %}

{% macro difference_high(share, share_high, other, other_low) -%}
    {{ amount('(' ~ share ~ ') - (' ~ other ~ ') + ' ~ root_of_squares(share_high, share, other, other_low)) }}
{%- endmacro %}

{% macro root_of_squares(a, b, c, d) -%}
    {%- set first = 'cast(' ~ a ~ ' - ' ~ b ~ ' as ' ~ double_type() ~ ')' -%}
    {%- set second = 'cast(' ~ c ~ ' - ' ~ d ~ ' as ' ~ double_type() ~ ')' -%}
    sqrt({{ first }} * {{ first }} + {{ second }} * {{ second }})
{%- endmacro %}
