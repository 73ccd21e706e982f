{# The wins to be expected in the period that is not over yet: each cohort of deals, times the share that is usually
   won at the age that it will have then. #}
{% set grains = ['month', 'quarter'] %}
{% set usual_periods = 4 %}
with

deals as (

    select * from {{ ref('fct_deals') }}
    where
        not is_deleted
        and not is_invalid
        and not is_closed_before_created
        and (is_open or closed_date is not null)

),

dates as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

timing as (

    select * from {{ ref('close_timing') }}

),

dated as (
    {%- for grain in grains %}

    select
        '{{ grain }}' as period_grain,
        {{ first_unfinished_start(grain) }} as period_start,
        {{ period_start(grain, 'created_date') }} as cohort_start,
        1 as created_deals
    from deals

    union all

    select distinct
        '{{ grain }}' as period_grain,
        {{ first_unfinished_start(grain) }} as period_start,
        {{ period_start(grain, 'calendar_date') }} as cohort_start,
        0 as created_deals
    from dates

    union all

    select distinct
        '{{ grain }}' as period_grain,
        {{ first_unfinished_start(grain) }} as period_start,
        {{ first_unfinished_start(grain) }} as cohort_start,
        0 as created_deals
    from dates
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

cohorts as (

    select
        period_grain,
        period_start,
        cohort_start,
        sum(created_deals) as created_deals
    from dated
    group by 1, 2, 3

),

aged as (

    select
        *,
        case period_grain
            {%- for grain in grains %}
            when '{{ grain }}' then {{ dbt.datediff('cohort_start', 'period_start', grain) }}
            {%- endfor %}
        end as age,
        {{ ratio(
            'sum(created_deals) over (partition by period_grain order by cohort_start rows between '
            ~ usual_periods ~ ' preceding and 1 preceding)',
            'count(*) over (partition by period_grain order by cohort_start rows between '
            ~ usual_periods ~ ' preceding and 1 preceding)',
        ) }} as usual_deals

    from cohorts

),

{# The period's own cohort is not complete: as many as usual will be created in it, or as many as already were. #}
sized as (

    select
        *,
        case
            when age = 0 and usual_deals > created_deals then usual_deals
            else created_deals
        end as expected_deals
    from aged

)

select

    ---------- text
    sized.period_grain,

    ---------- numerics
    cast(sized.age as integer) as age,
    cast(sized.created_deals as {{ dbt.type_bigint() }}) as created_deals,
    {{ amount('sized.expected_deals') }} as expected_deals,
    timing.close_rate,
    {{ amount('sized.expected_deals * timing.close_rate') }} as expected_wins,
    {{ amount('sum(sized.expected_deals * timing.close_rate) over (partition by sized.period_grain)') }}
        as expected_wins_of_period,

    ---------- dates
    sized.cohort_start,
    sized.period_start,
    {{ as_of() }} as as_of_date

from sized
left join timing
    on sized.period_grain = timing.period_grain
    and sized.age = timing.age
