{# The two effects are the gap, to the last digit, and the rates are those that are published. The own effect is worked
   once more, segment by segment, for the reps against the company. #}
with

effects as (

    select * from {{ ref('conversion_effects') }}

),

published as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'lead_win_rate'

),

own as (
    {%- for grain in var('kpi_periods') %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'qualified_date') }} as period_start,
        coalesce(rep, '(none)') as rep,
        coalesce(segment, '(none)') as segment,
        count(*) as own_leads,
        sum(case when became_customer then 1 else 0 end) as own_customers

    from {{ ref('fct_leads') }}

    where is_qualified

    group by 1, 2, 3, 4
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

by_segment as (

    select
        *,
        sum(own_leads) over (partition by period_grain, period_start, segment) as all_leads,
        sum(own_customers) over (partition by period_grain, period_start, segment) as all_customers

    from own

),

worked as (

    select
        period_grain,
        period_start,
        rep,
        {{ ratio(
            'sum(own_customers - ' ~ ratio('own_leads * all_customers', 'all_leads') ~ ')', 'sum(own_leads)'
        ) }} as own_effect

    from by_segment

    group by 1, 2, 3

)

select
    effects.period_grain,
    effects.period_start,
    effects.slice_value,
    effects.reference

from effects
left join published
    on effects.period_grain = published.period_grain
    and effects.period_start = published.period_start
    and effects.slice = published.slice
    and effects.slice_value = published.slice_value
left join worked
    on effects.period_grain = worked.period_grain
    and effects.period_start = worked.period_start
    and effects.slice_value = worked.rep

where
    effects.gap != effects.mix_effect + effects.own_effect
    or published.value is null
    or effects.rate != published.value
    or (
        effects.reference = 'the company'
        and (worked.own_effect is null or abs(effects.own_effect - worked.own_effect) > 0.00001)
    )
