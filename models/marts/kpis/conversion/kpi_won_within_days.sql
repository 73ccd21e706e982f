{# The win rate of qualified leads is a curve: how many have become customers 30, 60, 90 and 180 days after
   they qualified. A lead counts for a window once it has had the whole of it, so young and old cohorts
   compare. #}
{% set windows = [30, 60, 90, 180] %}
{% set kpis = {} %}
{% for days in windows %}{% do kpis.update({'won_within_' ~ days ~ '_days': 'within_' ~ days}) %}{% endfor %}
with

qualified_leads as (

    select
        *,
        {{ days_between('qualified_date', as_of()) }} as days_since_qualified,
        {# A customer of an unknown day may have been won within any window, or within none. #}
        became_customer and days_to_customer is null as is_won_at_unknown_time

    from {{ ref('fct_leads') }}

    where is_qualified

),

windowed as (

    select
        lead_id as record_id,
        {{ slice_columns() }}
        {%- for days in windows %}
        case
            when days_since_qualified < {{ days }} or is_won_at_unknown_time then null
            when became_customer and days_to_customer <= {{ days }} then 1
            else 0
        end as within_{{ days }}_numerator,
        case
            when days_since_qualified >= {{ days }} and not is_won_at_unknown_time then 1
        end as within_{{ days }}_denominator,
        {%- endfor %}
        qualified_date as period_date

    from qualified_leads

)

{{ kpi_from('windowed', kind='rate', kpis=kpis) }}
