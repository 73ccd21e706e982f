{# Why each KPI that adds up has changed, in explanations that leave nothing over:

     lead drivers, deal drivers   won revenue by the factors of growth_factors (Shapley), of the whole and each member
     lead mix, deal mix           that of the whole, member by member of a slice, so that more leads and other leads
                                  are told apart (LMDI; Shapley for a member with a factor that is not above zero)
     movements                    MRR by its five movements, of the whole and each member; they have no weeks
     slice                        any KPI of the whole by the members of a slice
#}
{% set drivers = {
    'volume': {'leads': 'qualified leads', 'deals': 'closed deals'},
    'mix': {'leads': 'mix', 'deals': 'mix'},
    'rate': {'leads': 'yield', 'deals': 'win rate'},
    'size': {'leads': 'deal size', 'deals': 'deal size'},
    'outside': {'leads': 'deals without a lead'},
    'carried': {'leads': 'carry over'},
} %}
{% set factors = ['volume', 'rate', 'size'] %}
{% set mix_factors = ['whole_volume', 'share', 'rate', 'size'] %}
{% set movements = {
    'mrr_new': 'new',
    'mrr_expansion': 'expansion',
    'mrr_contraction': 'contraction',
    'mrr_churn': 'churn',
    'mrr_reactivation': 'reactivation',
} %}
with

growth_changes as (

    select * from {{ ref('growth_changes') }}

),

growth_factors as (

    select
        *,
        least(base_volume, volume, base_rate, rate, base_size, size) > 0 as is_positive
    from {{ ref('growth_factors') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

driven as (

    select
        case driver_set when 'leads' then 'lead drivers' when 'deals' then 'deal drivers' end as explanation,
        driver_set,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        'all' as cut_by,
        base_volume,
        volume,
        base_rate,
        rate,
        base_size,
        size,
        base_outside,
        outside,
        case when is_carried_over then base_revenue end as base_carried,
        case when is_carried_over then revenue end as carried,
        {%- for factor in factors %}
        {{ rounded('case when is_carried_over then 0 else ' ~ shapley(factors, of=factor) ~ ' end') }}
            as {{ factor }}_effect,
        {%- endfor %}
        {{ amount('null') }} as mix_effect,
        outside - base_outside as outside_effect,
        case when is_carried_over then revenue - base_revenue end as carried_effect

    from growth_factors

),

{# What a member has done to the revenue of the whole. Rounded before it is added: doubles depend on the order. #}
member_effects as (

    select
        *,
        {%- for factor in mix_factors %}
        {{ rounded(
            'case when is_carried_over then 0 when is_positive then ' ~ lmdi(mix_factors, of=factor)
            ~ ' else ' ~ shapley(mix_factors, of=factor) ~ ' end'
        ) }} as {{ factor }}_effect,
        {%- endfor %}
        case when is_carried_over then base_revenue end as base_carried,
        case when is_carried_over then revenue end as carried

    from growth_factors

    where slice != 'all'

),

{# Yields and sizes are those of the members: the whole has none of its own. #}
mixed as (

    select
        case driver_set when 'leads' then 'lead mix' when 'deals' then 'deal mix' end as explanation,
        driver_set,
        comparison,
        period_grain,
        period_start,
        'all' as slice,
        'all' as slice_value,
        slice as cut_by,
        max(base_whole_volume) as base_volume,
        max(whole_volume) as volume,
        cast(null as {{ double_type() }}) as base_rate,
        cast(null as {{ double_type() }}) as rate,
        cast(null as {{ double_type() }}) as base_size,
        cast(null as {{ double_type() }}) as size,
        sum(base_outside) as base_outside,
        sum(outside) as outside,
        sum(base_carried) as base_carried,
        sum(carried) as carried,
        sum(whole_volume_effect) as volume_effect,
        sum(rate_effect) as rate_effect,
        sum(size_effect) as size_effect,
        sum(share_effect) as mix_effect,
        sum(outside - base_outside) as outside_effect,
        sum(carried - base_carried) as carried_effect

    from member_effects

    group by driver_set, comparison, period_grain, period_start, cut_by

),

explained as (

    select * from driven
    union all
    select * from mixed

),

{# MRR moves month by month, and a year is its twelve months: the running total of a movement at the end of a period,
   less that at the end of its base, is what it did in between. #}
movements as (

    select
        kpi,
        period_grain,
        period_start as cell_start,
        slice,
        slice_value,
        sum(case when kpi in ('mrr_contraction', 'mrr_churn') then -value else value end) over (
            partition by kpi, period_grain, slice, slice_value
            order by period_start
        ) as total

    from kpi_values

    where kpi in ('{{ movements | join("', '") }}')

),

movement_sides as (
    {{ compared_sides('movements') }}

),

moved as (

    select
        kpi,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        sum(case when is_now then total else -total end) as effect

    from movement_sides

    group by kpi, comparison, period_grain, period_start, slice, slice_value

),

effects as (
    {%- for driver, names in drivers.items() %}

    select
        'won_revenue' as kpi,
        explanation,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        cut_by,
        case driver_set
            {%- for driver_set, name in names.items() %}
            when '{{ driver_set }}' then '{{ name }}'
            {%- endfor %}
        end as driver,
        {{ rounded('null' if driver == 'mix' else 'base_' ~ driver) }} as driver_base,
        {{ rounded('null' if driver == 'mix' else driver) }} as driver_value,
        {{ driver }}_effect as effect

    from explained
    {% if driver in ('mix', 'carried') %}
    where {{ driver }}_effect is not null
    {% elif driver == 'outside' %}
    where driver_set = 'leads'
    {% endif %}
    union all
    {%- endfor %}

    select
        'mrr' as kpi,
        'movements' as explanation,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        'all' as cut_by,
        case kpi
            {%- for kpi, movement in movements.items() %}
            when '{{ kpi }}' then '{{ movement }}'
            {%- endfor %}
        end as driver,
        {{ amount('null') }} as driver_base,
        {{ amount('null') }} as driver_value,
        effect

    from moved

    union all

    select
        kpi,
        'slice' as explanation,
        comparison,
        period_grain,
        period_start,
        'all' as slice,
        'all' as slice_value,
        slice as cut_by,
        slice_value as driver,
        base_value as driver_base,
        value as driver_value,
        change as effect

    from growth_changes

    where slice != 'all'

)

select

    ---------- text
    effects.kpi,
    effects.explanation,
    effects.comparison,
    effects.period_grain,
    effects.slice,
    effects.slice_value,
    effects.cut_by,
    effects.driver,

    ---------- numerics
    growth_changes.base_value,
    growth_changes.value,
    growth_changes.change,
    growth_changes.growth_rate,
    effects.driver_base,
    effects.driver_value,
    {{ amount('effects.effect') }} as effect,
    {{ ratio('effects.effect', 'abs(growth_changes.base_value)') }} as contribution,

    ---------- booleans
    growth_changes.is_complete_period,

    ---------- dates
    effects.period_start,
    growth_changes.base_start,
    growth_changes.as_of_date

from effects
inner join growth_changes
    on effects.kpi = growth_changes.kpi
    and effects.comparison = growth_changes.comparison
    and effects.period_grain = growth_changes.period_grain
    and effects.period_start = growth_changes.period_start
    and effects.slice = growth_changes.slice
    and effects.slice_value = growth_changes.slice_value
