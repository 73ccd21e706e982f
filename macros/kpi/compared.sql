{# Each row of a CTE of cells as both sides of the comparisons it is in: as what a period is (is_now), and as the base
   that a later one is compared with, a period or a year later. Adding up what is now and what is not, by period_start,
   sets each period beside its base, without a join. Expects period_grain and cell_start. #}
{% macro compared_sides(cells) -%}
    {%- for comparison in ['previous period', 'same period last year'] %}

    select
        {{ cells }}.*,
        '{{ comparison }}' as comparison,
        true as is_now,
        cell_start as period_start

    from {{ cells }}

    union all

    select
        {{ cells }}.*,
        '{{ comparison }}' as comparison,
        false as is_now,
        case period_grain
            {%- for grain in var('kpi_periods') %}
            when '{{ grain }}' then {{ compared_start(grain, comparison) }}
            {%- endfor %}
        end as period_start

    from {{ cells }}
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}


{# The start of the period that the one from cell_start is the base of. A week is compared with that of 52 weeks before. #}
{% macro compared_start(grain, comparison) -%}
    {%- if comparison == 'previous period' -%}
        {{ period_end(grain, 'cell_start') }}
    {%- elif grain == 'week' -%}
        cast({{ dbt.dateadd('day', 364, 'cell_start') }} as date)
    {%- else -%}
        cast({{ dbt.dateadd('year', 1, 'cell_start') }} as date)
    {%- endif -%}
{%- endmacro %}
