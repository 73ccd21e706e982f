{# The kind of period that a card of a frequency is about. #}
{% macro grain_of(frequency) -%}
    case {{ frequency }}
        when 'weekly' then 'week'
        when 'monthly' then 'month'
        when 'quarterly' then 'quarter'
        else 'year'
    end
{%- endmacro %}
