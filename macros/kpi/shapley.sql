{# What one factor did to the change of a product of several: its own change, times the others, each once as they were
   and once as they are, on average over every order in which the factors may have changed (Shapley). No order is
   preferred, nothing is left over, and zeros and negative factors do no harm. A factor x is the columns base_x and x,
   in double precision. #}
{% macro shapley(factors, of) -%}
    {%- set others = factors | reject('equalto', of) | list -%}
    {%- set terms = [] -%}
    {%- for mask in range(2 ** (others | length)) -%}
        {%- set parts = [] -%}
        {%- set moved = [] -%}
        {%- for other in others -%}
            {%- if (mask // 2 ** loop.index0) % 2 -%}
                {%- do parts.append(other) -%}
                {%- do moved.append(other) -%}
            {%- else -%}
                {%- do parts.append('base_' ~ other) -%}
            {%- endif -%}
        {%- endfor -%}
        {#- In how many orders exactly these have moved before it: one in n times (n - 1 over their number). -#}
        {%- set choices = namespace(count=1) -%}
        {%- for taken in moved -%}
            {%- set choices.count = choices.count * ((others | length) - loop.index0) // loop.index -%}
        {%- endfor -%}
        {%- do terms.append(parts | join(' * ') ~ ' / ' ~ (factors | length) * choices.count ~ 'e0') -%}
    {%- endfor -%}
    ({{ of }} - base_{{ of }}) * ({{ terms | join(' + ') }})
{%- endmacro %}
