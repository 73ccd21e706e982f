{# What the new customers of a period are to be worth over their lifetimes: the target of a month (var
   monthly_lifetime_value_target) times the months of the period. A week is 12 / 52 of a month. #}
{% macro lifetime_value_target() -%}
    {%- set target = var('monthly_lifetime_value_target') -%}
    {%- set months = {'week': 12 / 52, 'month': 1, 'quarter': 3, 'year': 12} -%}
    case period_grain
        {%- for grain in var('kpi_periods') %}
        when '{{ grain }}' then {{ (target * months[grain]) | round(6) if target is not none else 'null' }}
        {%- endfor %}
    end
{%- endmacro %}
