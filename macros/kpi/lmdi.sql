{# What one factor did to the change of a product, by its logarithm (LMDI, Ang): exact, and it may be added over the
   parts of a whole. Only for factors and products above zero. #}
{% macro lmdi(factors, of) -%}
    {%- set now = factors | join(' * ') -%}
    {%- set base = 'base_' ~ (factors | join(' * base_')) -%}
    {{ log_mean('(' ~ now ~ ')', '(' ~ base ~ ')') }} * ln({{ of }} / base_{{ of }})
{%- endmacro %}


{# The logarithmic mean of two positive numbers: their difference over that of their logarithms. Of two nearly equal
   ones both differences are noise: there it is what the first terms of its series say, and x for x and x. #}
{% macro log_mean(x, y) -%}
    case
        when abs({{ x }} - {{ y }}) < 1e-4 * {{ x }} then (2e0 * sqrt({{ x }} * {{ y }}) + ({{ x }} + {{ y }}) / 2e0) / 3e0
        else ({{ x }} - {{ y }}) / ln({{ x }} / {{ y }})
    end
{%- endmacro %}
