{# The months that one price of a subscription pays for (var billing_period_months); a price without a
   billing period is a price per month, and a period that the var does not name is null. #}
{% macro billing_months(billing_period) -%}
    case coalesce(lower({{ billing_period }}), 'month')
        {%- for period, months in var('billing_period_months').items() %}
        when '{{ period }}' then {{ months }}
        {%- endfor %}
    end
{%- endmacro %}
