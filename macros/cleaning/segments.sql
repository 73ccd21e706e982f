{# A company's size as the business names it (var segment_bands: segment to its fewest employees). #}
{% macro segment_of(employee_count) -%}
    {{ band_of(employee_count, var('segment_bands')) }}
{%- endmacro %}


{# A lead's score band (var score_bands: band to its lowest score). #}
{% macro score_band_of(lead_score) -%}
    {{ band_of(lead_score, var('score_bands')) }}
{%- endmacro %}


{% macro band_of(value, bands) -%}
    case
        {%- for band, lowest in bands.items() | sort(attribute='1', reverse=true) %}
        when {{ value }} >= {{ lowest }} then '{{ band }}'
        {%- endfor %}
    end
{%- endmacro %}
