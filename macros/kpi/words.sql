{# Numbers in the sentences that people read: rounded, with as many decimals as are asked for. #}
{% macro in_words(number, decimals=0) -%}
    cast(cast({{ number }} as numeric(28, {{ decimals }})) as {{ dbt.type_string() }})
{%- endmacro %}


{# A share: 0.945 as 94.5 %. #}
{% macro percent_in_words(share) -%}
    {{ dbt.concat([in_words('100 * (' ~ share ~ ')', 1), "' %'"]) }}
{%- endmacro %}


{# A number of any size: whole ones and thousands without decimals, small ones with three. #}
{% macro number_in_words(number) -%}
    case
        when abs({{ number }}) >= 1000 or {{ number }} = cast({{ number }} as numeric(28, 0)) then {{ in_words(number) }}
        when abs({{ number }}) < 10 then {{ in_words(number, 3) }}
        else {{ in_words(number, 2) }}
    end
{%- endmacro %}
