{# How many rows each source brought in its last whole period, against the eight of the same kind before it. Days are
   compared with the same day of the week, weeks are the seven days to the as-of date and those before. #}
{% set volumes = health_rule('volume') %}
with

clock as (

    select {{ as_of() }} as as_of_date

),

windows as (
    {%- for grain in volumes.values() | unique %}
    {%- set outer_loop = loop %}
    {%- for ago in range(9) %}
    {%- set next_month = period_start('month', dbt.dateadd('day', 1, 'as_of_date')) %}

    select
        '{{ grain }}' as period_grain,
        {{ ago }} as periods_ago,
        {%- if grain == 'month' %}
        cast({{ dbt.dateadd('month', -ago - 1, next_month) }} as date) as first_date,
        cast({{ dbt.dateadd('day', -1, dbt.dateadd('month', -ago, next_month)) }} as date) as last_date
        {%- elif grain in ('day', 'week') %}
        cast({{ dbt.dateadd('day', -7 * ago - (6 if grain == 'week' else 0), 'as_of_date') }} as date) as first_date,
        cast({{ dbt.dateadd('day', -7 * ago, 'as_of_date') }} as date) as last_date
        {%- else %}
        {{ exceptions.raise_compiler_error("source_health.volume has '" ~ grain ~ "'; choose day, week or month") }}
        {%- endif %}
    from clock
    {{ 'union all' if not (loop.last and outer_loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

days as (

    select * from {{ ref('int_source_days') }}

),

sources as (

    select
        entity,
        min(event_date) as first_event_date,
        case entity
            {%- for entity, grain in volumes.items() %}
            when '{{ entity }}' then '{{ grain }}'
            {%- endfor %}
        end as period_grain

    from days

    group by 1

),

{# A period from before the source began is no quiet one. #}
counted as (

    select
        sources.entity,
        sources.period_grain,
        windows.periods_ago,
        coalesce(sum(days.row_count), 0) as row_count

    from sources
    inner join windows
        on sources.period_grain = windows.period_grain
        and sources.first_event_date <= windows.first_date
    left join days
        on sources.entity = days.entity
        and windows.first_date <= days.event_date
        and windows.last_date >= days.event_date

    group by 1, 2, 3

),

moved as (

    select
        *,
        abs(row_count - lag(row_count) over (partition by entity order by periods_ago desc)) as moving_range
    from counted

),

usual as (

    select
        entity,
        count(*) as previous_periods,
        {{ percentile(0.5, 'row_count') }} as usual_rows,
        avg(moving_range) as mean_moving_range,
        min(row_count) as fewest_rows

    from moved

    where periods_ago > 0

    group by 1

)

{# The limits of a process behaviour chart, about the median: one wild week moves it less than the mean. Where there
   always was a row, none is outside. #}
select
    moved.entity,
    moved.period_grain,
    cast(moved.row_count as {{ dbt.type_bigint() }}) as row_count,
    cast(usual.previous_periods as integer) as previous_periods,
    usual.usual_rows,
    {{ amount('greatest(
        usual.usual_rows - 2.66 * usual.mean_moving_range,
        case when usual.fewest_rows > 0 then 1 else 0 end
    )') }} as lowest_rows,
    {{ amount('usual.usual_rows + 2.66 * usual.mean_moving_range') }} as highest_rows

from moved
inner join usual on moved.entity = usual.entity

where moved.periods_ago = 0
