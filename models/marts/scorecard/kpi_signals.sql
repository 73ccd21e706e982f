{# Process behaviour charts (Wheeler's XmR): which movements of a KPI are more than its usual ups and downs.
   The limits of a regime come from its first points and stay. Eight points in a row on one side of its centre
   begin the next regime, at the first of the eight; a run from a regime's very first point has nothing to be
   split from. Each pass charts what the regimes before it have left over; after the last one the limits stay for good,
   and what runs away from them goes on being a signal. #}
{% set rules = var('signal_rules') %}
{% set regimes = rules.regimes %}
with

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where is_complete_period and is_mature and value is not null

),

kpis as (

    select * from {{ ref('kpis') }}

),

numbered as (

    select
        *,
        dense_rank() over (order by kpi, period_grain, slice, slice_value) as series,
        row_number() over (partition by kpi, period_grain, slice, slice_value order by period_start) as place,
        min(value) over (partition by kpi, period_grain, slice, slice_value) as lowest_value,
        max(value) over (partition by kpi, period_grain, slice, slice_value) as highest_value,
        lag(value) over (partition by kpi, period_grain, slice, slice_value order by period_start) as last_value,
        lag(period_end) over (partition by kpi, period_grain, slice, slice_value order by period_start) as last_end

    from kpi_values

),

{# Across a period without a value there is no moving range; a run goes on. #}
remaining_1 as (

    select
        series,
        place,
        place as point,
        value,
        case when last_end = period_start then abs(value - last_value) end as moving_range,
        cast(null as integer) as opening_side

    from numbered

),
{%- for regime in range(1, regimes + 1) %}

baseline_{{ regime }} as (

    select
        *,
        case when point <= {{ rules.baseline_points }} then value end as baseline_value,
        case when point <= {{ rules.baseline_points }} then moving_range end as baseline_range
    from remaining_{{ regime }}

),

{# Too few points have no centre; too few moving ranges, where periods are missing, no limits. #}
centred_{{ regime }} as (

    select
        *,
        count(baseline_value) over (partition by series) as baseline_points,
        cast(
            case
                when count(baseline_value) over (partition by series) >= {{ rules.minimum_points }}
                    then {{ ratio(
                        'sum(baseline_value) over (partition by series)',
                        'count(baseline_value) over (partition by series)'
                    ) }}
            end as {{ amount_type() }}
        ) as center,
        case
            when count(baseline_range) over (partition by series) >= {{ rules.minimum_points - 1 }}
                then {{ ratio(
                    'sum(baseline_range) over (partition by series)',
                    'count(baseline_range) over (partition by series)'
                ) }}
        end as mean_moving_range

    from baseline_{{ regime }}

),

sided_{{ regime }} as (

    select
        *,
        case when value > center then 1 when value < center then -1 else 0 end as side
    from centred_{{ regime }}

),

run_{{ regime }} as (

    select
        *,
        lag(side) over (partition by series order by point) as last_side,
        abs(sum(side) over (
            partition by series order by point rows between current row and {{ rules.run_length - 1 }} following
        )) = {{ rules.run_length }} as begins_run,
        abs(sum(side) over (
            partition by series order by point rows between {{ rules.run_length - 1 }} preceding and current row
        )) = {{ rules.run_length }} as ends_run

    from sided_{{ regime }}

),

split_{{ regime }} as (

    select
        *,
        min(case when begins_run and side != last_side then point end) over (partition by series) as next_start
    from run_{{ regime }}

),
{%- if not loop.last %}

{# Nothing moved within a regime on its first point. Its eighth is where the run that began it was seen. #}
remaining_{{ regime + 1 }} as (

    select
        series,
        place,
        point - next_start + 1 as point,
        value,
        case when point > next_start then moving_range end as moving_range,
        case when point = next_start + {{ rules.run_length - 1 }} then side end as opening_side

    from split_{{ regime }}

    where point >= next_start

),
{%- endif %}
{%- endfor %}

charted as (
    {%- for regime in range(1, regimes + 1) %}

    select
        {{ regime }} as regime,
        series,
        place,
        point,
        moving_range,
        baseline_points,
        center,
        {{ product('2.66', 'mean_moving_range') }} as reach,
        {{ product('3.268', 'mean_moving_range') }} as moving_range_limit,
        coalesce(opening_side, case when ends_run then side end) as run_side

    from split_{{ regime }}
    {%- if not loop.last %}

    where point < coalesce(next_start, point + 1)

    union all
    {%- endif %}
    {%- endfor %}

),

{# No limit lies where no value can: below 0, or above 1 for the share of a whole, which is what the unit rate means. A
   series that has been there says that it can (negative amounts, net growth). #}
limited as (

    select
        numbered.*,
        kpis.direction,
        charted.regime,
        charted.point,
        charted.baseline_points,
        charted.center,
        case
            when charted.reach is null or numbered.lowest_value < 0 then charted.center - charted.reach
            else greatest(charted.center - charted.reach, 0)
        end as lower_limit,
        case
            when charted.reach is null or numbered.highest_value > 1 or coalesce(kpis.unit, 'none') != 'rate'
                then charted.center + charted.reach
            else least(charted.center + charted.reach, 1)
        end as upper_limit,
        charted.moving_range,
        charted.moving_range_limit,
        charted.run_side

    from numbered
    inner join charted
        on numbered.series = charted.series
        and numbered.place = charted.place
    left join kpis on numbered.kpi = kpis.kpi

),

{# A run comes first, so that every regime but the first shows what began it. #}
signalled as (

    select
        *,
        case
            when run_side is not null then 'run'
            when value > upper_limit or value < lower_limit then 'outside'
            when moving_range > moving_range_limit then 'moving range'
            when upper_limit is not null then 'none'
        end as signal

    from limited

),

{# A moving range points the way it moved: the point itself may lie on either side. #}
directed as (

    select
        *,
        case
            when signal = 'none' then null
            when coalesce(run_side, 0) = 1 then 'up'
            when signal = 'outside' and value > upper_limit then 'up'
            when signal = 'moving range' and value > last_value then 'up'
            when signal is not null then 'down'
        end as signal_direction,
        sum(case when signal = 'none' then 0 else 1 end) over (
            partition by series, regime
            order by point
            rows between {{ rules.baseline_points - 1 }} preceding and current row
        ) as recent_signals

    from signalled

)

select
    as_of_date,
    kpi,
    period_grain,
    period_start,
    slice,
    slice_value,
    value,
    cast(regime as integer) as regime,
    cast(point as integer) as point,
    center is not null and point <= {{ rules.baseline_points }} as is_baseline,
    cast(baseline_points as integer) as baseline_points,
    center,
    {{ amount('lower_limit') }} as lower_limit,
    {{ amount('upper_limit') }} as upper_limit,
    {{ amount('moving_range') }} as moving_range,
    moving_range_limit,
    case
        when center is not null then baseline_points < {{ rules.baseline_points }}
    end as is_trial,
    signal,
    signal_direction,
    case
        when signal_direction is null then null
        when coalesce(direction, 'context') = 'context' then 'change'
        when (direction = 'higher') = (signal_direction = 'up') then 'improvement'
        else 'concern'
    end as verdict,
    case
        when upper_limit is not null and point >= {{ rules.minimum_points }}
            then recent_signals = 0
    end as is_predictable

from directed
