{# Won revenue as the product that it is, now and in the base of each comparison:

     leads   qualified leads × yield × deal size, and beside it what was won without a lead
     deals   closed deals × win rate × deal size

   The yield is the won deals with a lead over the leads that qualified in the same period: no share of them, so it may
   exceed one. A deal of unknown amount is in no factor. A factor that cannot be told in one period (nobody qualified,
   nothing was won) is taken as it was in the other: what is unknown has not moved anything. #}
{% set quantities = {
    'leads': {
        'volume': 'qualified_leads',
        'won': 'won_deals_from_leads',
        'revenue': 'revenue_from_leads',
        'outside': 'won_revenue - revenue_from_leads',
    },
    'deals': {'volume': 'closed_deals', 'won': 'won_deals', 'revenue': 'won_revenue', 'outside': '0'},
} %}
{% set driver_sets = var('growth_driver_sets') %}
{% if not driver_sets or driver_sets | reject('in', quantities) | list %}
    {{ exceptions.raise_compiler_error(
        "growth_driver_sets has " ~ driver_sets ~ "; choose leads, deals or both"
    ) }}
{% endif %}
with

growth_changes as (

    select * from {{ ref('growth_changes') }}
    where kpi = 'won_revenue'

),

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where kpi in ('qualified_leads', 'won_revenue', 'won_revenue_from_leads', 'deal_win_rate')

),

quantities as (

    select
        period_grain,
        period_start as cell_start,
        slice,
        slice_value,
        coalesce(sum(case kpi when 'qualified_leads' then value end), 0) as qualified_leads,
        coalesce(sum(case kpi when 'won_revenue_from_leads' then n end), 0) as won_deals_from_leads,
        coalesce(sum(case kpi when 'won_revenue_from_leads' then value end), 0) as revenue_from_leads,
        coalesce(sum(case kpi when 'deal_win_rate' then denominator end), 0) as closed_deals,
        coalesce(sum(case kpi when 'won_revenue' then n end), 0) as won_deals,
        coalesce(sum(case kpi when 'won_revenue' then value end), 0) as won_revenue

    from kpi_values

    group by period_grain, cell_start, slice, slice_value

),

cells as (
    {%- for driver_set in driver_sets %}

    select
        '{{ driver_set }}' as driver_set,
        period_grain,
        cell_start,
        slice,
        slice_value,
        {{ quantities[driver_set].volume }} as volume,
        {{ quantities[driver_set].won }} as won,
        {{ quantities[driver_set].revenue }} as revenue,
        {{ quantities[driver_set].outside }} as outside

    from quantities
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

sides as (
    {{ compared_sides('cells') }}

),

paired as (

    select
        driver_set,
        comparison,
        period_grain,
        period_start,
        slice,
        {%- for quantity in ['volume', 'won', 'revenue', 'outside'] %}
        sum(case when is_now then 0 else {{ quantity }} end) as base_{{ quantity }},
        sum(case when is_now then {{ quantity }} else 0 end) as {{ quantity }},
        {%- endfor %}
        slice_value

    from sides

    group by driver_set, comparison, period_grain, period_start, slice, slice_value

),

{# The company's volume, beside that of each of its members. #}
shared as (

    select
        *,
        max(case slice when 'all' then base_volume end) over (
            partition by driver_set, comparison, period_grain, period_start
        ) as base_whole_volume,
        max(case slice when 'all' then volume end) over (
            partition by driver_set, comparison, period_grain, period_start
        ) as whole_volume

    from paired

),

{# Deals that were won with leads of other periods alone are carried over: no yield makes them. #}
factored as (

    select
        *,
        (base_volume = 0 and base_won > 0) or (volume = 0 and won > 0) as is_carried_over,
        {{ factor('base_volume', 'base_whole_volume') }} as base_share,
        {{ factor('volume', 'whole_volume') }} as share,
        {{ factor('base_won', 'base_volume') }} as base_rate,
        {{ factor('won', 'volume') }} as rate,
        {{ factor('base_revenue', 'base_won') }} as base_size,
        {{ factor('revenue', 'won') }} as size

    from shared

)

select

    ---------- text
    factored.driver_set,
    factored.comparison,
    factored.period_grain,
    factored.slice,
    factored.slice_value,

    ---------- numerics
    cast(factored.base_volume as {{ double_type() }}) as base_volume,
    cast(factored.volume as {{ double_type() }}) as volume,
    cast(factored.base_whole_volume as {{ double_type() }}) as base_whole_volume,
    cast(factored.whole_volume as {{ double_type() }}) as whole_volume,
    coalesce(factored.base_share, factored.share, 0) as base_share,
    coalesce(factored.share, factored.base_share, 0) as share,
    coalesce(factored.base_rate, factored.rate, 0) as base_rate,
    coalesce(factored.rate, factored.base_rate, 0) as rate,
    coalesce(factored.base_size, factored.size, 0) as base_size,
    coalesce(factored.size, factored.base_size, 0) as size,
    {{ amount('factored.base_revenue') }} as base_revenue,
    {{ amount('factored.revenue') }} as revenue,
    {{ amount('factored.base_outside') }} as base_outside,
    {{ amount('factored.outside') }} as outside,

    ---------- booleans
    factored.is_carried_over,

    ---------- dates
    factored.period_start,
    {{ as_of() }} as as_of_date

from factored
inner join growth_changes
    on factored.comparison = growth_changes.comparison
    and factored.period_grain = growth_changes.period_grain
    and factored.period_start = growth_changes.period_start
    and factored.slice = growth_changes.slice
    and factored.slice_value = growth_changes.slice_value
