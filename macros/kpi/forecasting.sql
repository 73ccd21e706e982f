{# How many months ahead are forecast: var forecast_months, one to three years. #}
{% macro forecast_months() -%}
    {%- set months = var('forecast_months') | int -%}
    {%- if not 1 <= months <= 36 -%}
        {{ exceptions.raise_compiler_error(
            "forecast_months is '" ~ var('forecast_months') ~ "'; it must be from 1 to 36"
        ) }}
    {%- endif -%}
    {{ return(months) }}
{%- endmacro %}


{# The month a number of months after another one. #}
{% macro months_later(month, months) -%}
    cast({{ dbt.dateadd('month', months, month) }} as date)
{%- endmacro %}


{# How many whole years back the same month lies that is known at the origin, for a number of months ahead. #}
{% macro years_back(months) -%}
    (1 + case when {{ months }} > 12 then 1 else 0 end + case when {{ months }} > 24 then 1 else 0 end)
{%- endmacro %}


{# A sum after a number of months, without recursion: what is left of it when each month leaves a factor of it, and
   what is left of what came in since. With a factor of one all of it is left. Double precision. #}
{% macro rolled_forward(start, factor, inflow, months) -%}
    {%- set left = 'power(' ~ factor ~ ', ' ~ months ~ ')' -%}
    case
        when abs(1e0 - {{ factor }}) < 1e-9 then {{ start }} + {{ inflow }} * {{ months }}
        else {{ start }} * {{ left }} + {{ inflow }} * (1e0 - {{ left }}) / (1e0 - {{ factor }})
    end
{%- endmacro %}
