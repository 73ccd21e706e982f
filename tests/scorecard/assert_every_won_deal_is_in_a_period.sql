{# The periods leave no won deal out and count none twice. #}
{% set grains = var('kpi_periods') %}
with

won as (

    select
        count(*) as deals,
        coalesce(sum(won_amount), 0) as amount
    from {{ ref('fct_deals') }}
    where is_won and closed_date is not null

),

published as (
    {%- for grain in grains %}

    select
        '{{ grain }}' as period_grain,
        coalesce(sum(case when kpi = 'won_deals' then value end), 0) as deals,
        coalesce(sum(case when kpi = 'won_revenue' then value end), 0) as amount

    from {{ ref('kpi_values') }}

    where slice = 'all' and period_grain = '{{ grain }}'
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select
    published.*,
    won.deals as won_deals,
    won.amount as won_amount

from published
cross join won

where published.deals != won.deals or published.amount != won.amount
