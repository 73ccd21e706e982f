{# What the new customers of a period are to be worth over their lifetimes: the target of a month (var
   monthly_lifetime_value_target) times the months of the period. Lifetime value goes by whole months: a week has none. #}
{% macro lifetime_value_target() -%}
    {%- set target = var('monthly_lifetime_value_target') -%}
    case period_grain
        {%- for grain, months in {'month': 1, 'quarter': 3, 'year': 12}.items() %}
        when '{{ grain }}' then {{ (target * months) | round(6) if target is not none else 'null' }}
        {%- endfor %}
    end
{%- endmacro %}
