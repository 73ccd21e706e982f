{# Where an unfinished period should stand by now, for KPIs that add up: the target times the share of the period
   that usually is behind us. Quarters and years follow their own history, once there are eight of them: sales
   do not come evenly. Months, and shorter histories, follow the working days. #}
{% set grains = var('kpi_periods') %}
{% set pacing_by = var('pacing_by') %}
with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

cards as (

    select * from {{ ref('kpis') }}
    where additivity = 'additive'

),

targets as (

    select * from {{ ref('fct_targets') }}

),

days as (

    select * from {{ ref('dim_dates') }}

),

flows as (

    select kpi_values.*
    from kpi_values
    inner join cards on kpi_values.kpi = cards.kpi

),

{# How far each period is: in calendar days and in working days. #}
elapsed as (
    {%- for grain in grains %}

    select
        '{{ grain }}' as period_grain,
        {{ grain }}_start as period_start,
        {{ days_between(grain ~ '_start', period_end(grain, grain ~ '_start')) }} as days,
        {{ days_between(grain ~ '_start', as_of()) }} + 1 as days_gone,
        sum(case when is_working_day then 1 else 0 end) as working_days,
        sum(case when is_working_day and is_past then 1 else 0 end) as working_days_gone

    from days

    group by 2
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

months_elapsed as (

    select
        month_start,
        {{ ratio(
            'sum(case when is_working_day and is_past then 1 else 0 end)',
            'sum(case when is_working_day then 1 else 0 end)'
        ) }} as month_share

    from days

    group by 1

),

{# Each month as a part of the longer periods that it lies in. #}
months as (
    {%- for grain in grains if grain in ('quarter', 'year') %}

    select
        flows.kpi,
        '{{ grain }}' as period_grain,
        flows.slice,
        flows.slice_value,
        {{ period_start(grain, 'flows.period_start') }} as period_start,
        flows.period_start as month_start,
        flows.value

    from flows

    where flows.period_grain = 'month'

    union all
    {%- endfor %}

    select
        kpi,
        period_grain,
        slice,
        slice_value,
        period_start,
        period_start as month_start,
        value
    from flows
    where false

),

complete_periods as (

    select * from flows
    where is_complete_period

),

usual as (

    select
        months.kpi,
        months.period_grain,
        months.slice,
        months.slice_value,
        {{ months_between('months.period_start', 'months.month_start') }} as month_number,
        sum(months.value) as month_value,
        count(*) as periods

    from months
    inner join complete_periods
        on months.kpi = complete_periods.kpi
        and months.period_grain = complete_periods.period_grain
        and months.period_start = complete_periods.period_start
        and months.slice = complete_periods.slice
        and months.slice_value = complete_periods.slice_value

    group by 1, 2, 3, 4, 5

),

usual_shares as (

    select
        kpi,
        period_grain,
        slice,
        slice_value,
        month_number,
        {{ ratio(
            'month_value',
            'sum(month_value) over (partition by kpi, period_grain, slice, slice_value)'
        ) }} as share,
        min(periods) over (partition by kpi, period_grain, slice, slice_value) as periods,
        count(*) over (partition by kpi, period_grain, slice, slice_value) as months_known

    from usual

),

running as (

    select
        flows.*,
        elapsed.days,
        elapsed.days_gone,
        elapsed.working_days,
        elapsed.working_days_gone

    from flows
    inner join elapsed
        on flows.period_grain = elapsed.period_grain
        and flows.period_start = elapsed.period_start

    where not flows.is_complete_period

),

historic as (

    select
        running.kpi,
        running.period_grain,
        running.slice,
        running.slice_value,
        {{ amount('sum(usual_shares.share * months_elapsed.month_share)') }} as share

    from running
    inner join usual_shares
        on running.kpi = usual_shares.kpi
        and running.period_grain = usual_shares.period_grain
        and running.slice = usual_shares.slice
        and running.slice_value = usual_shares.slice_value
    inner join months_elapsed
        on {{ months_between('running.period_start', 'months_elapsed.month_start') }} = usual_shares.month_number

    where
        usual_shares.periods >= 8
        and usual_shares.months_known = case running.period_grain when 'quarter' then 3 else 12 end

    group by 1, 2, 3, 4

),

paced as (

    select
        running.*,
        targets.target,
        case
            when '{{ pacing_by }}' = 'history' and historic.share is not null then 'history'
            when '{{ pacing_by }}' != 'calendar_days' and running.working_days > 0 then 'working days'
            else 'calendar days'
        end as paced_by,
        case
            when '{{ pacing_by }}' = 'history' and historic.share is not null then historic.share
            when '{{ pacing_by }}' != 'calendar_days' and running.working_days > 0
                then {{ ratio('running.working_days_gone', 'running.working_days') }}
            else {{ ratio('running.days_gone', 'running.days') }}
        end as elapsed_share

    from running
    left join historic
        on running.kpi = historic.kpi
        and running.period_grain = historic.period_grain
        and running.slice = historic.slice
        and running.slice_value = historic.slice_value
    left join targets
        on running.kpi = targets.kpi
        and running.period_grain = targets.period_grain
        and running.period_start = targets.period_start
        and running.slice = targets.slice
        and running.slice_value = targets.slice_value

)

select
    as_of_date,
    kpi,
    period_grain,
    period_start,
    slice,
    slice_value,
    value,
    target,
    paced_by,
    elapsed_share,
    {{ amount('target * elapsed_share') }} as expected_to_date,
    {{ ratio('value', 'target * elapsed_share') }} as pace,
    {{ ratio('value', 'elapsed_share') }} as projected,
    days - days_gone as days_left,
    {{ ratio('target - value', 'days - days_gone') }} as required_per_day

from paced
