{# Of the deals created in a period, how many are won in that period, in the next, in the one after. Each age is
   measured on the cohorts that have been through it, and only on those: a younger one would read as never. #}
{% set grains = ['month', 'quarter'] %}
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

{# A period in which no deal was created is a cohort of none. #}
dated as (
    {%- for grain in grains %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'created_date') }} as cohort_start,
        case when is_won then {{ period_start(grain, 'closed_date') }} end as won_start,
        {{ first_unfinished_start(grain) }} as unfinished_start,
        1 as created_deals
    from deals

    union all

    select distinct
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'calendar_date') }} as cohort_start,
        cast(null as date) as won_start,
        {{ first_unfinished_start(grain) }} as unfinished_start,
        0 as created_deals
    from dates
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

{# The last age that a cohort has been through is that of the last whole period. #}
aged as (

    select
        period_grain,
        case period_grain
            {%- for grain in grains %}
            when '{{ grain }}' then {{ dbt.datediff('cohort_start', 'won_start', grain) }}
            {%- endfor %}
        end as won_age,
        case period_grain
            {%- for grain in grains %}
            when '{{ grain }}' then {{ dbt.datediff('cohort_start', 'unfinished_start', grain) }}
            {%- endfor %}
        end - 1 as last_age,
        created_deals
    from dated

),

cohorts as (

    select
        period_grain,
        last_age as age,
        sum(created_deals) as created_deals
    from aged
    where last_age >= 0
    group by 1, 2

),

wins as (

    select
        period_grain,
        won_age as age,
        count(*) as won_deals
    from aged
    where won_age <= last_age
    group by 1, 2

),

{# A cohort has been through every age up to its last: the sums run from the oldest down. #}
ages as (

    select
        cohorts.period_grain,
        cohorts.age,
        sum(cohorts.created_deals) over (
            partition by cohorts.period_grain
            order by cohorts.age desc
            rows between unbounded preceding and current row
        ) as created_deals,
        coalesce(wins.won_deals, 0) as won_deals

    from cohorts
    left join wins
        on cohorts.period_grain = wins.period_grain
        and cohorts.age = wins.age

),

measured as (

    select
        *,
        {{ ratio('won_deals', 'created_deals') }} as close_rate
    from ages

)

select

    ---------- text
    period_grain,

    ---------- numerics
    cast(age as integer) as age,
    cast(created_deals as {{ dbt.type_bigint() }}) as created_deals,
    cast(won_deals as {{ dbt.type_bigint() }}) as won_deals,
    close_rate,
    {{ wilson_low('won_deals', 'created_deals') }} as close_rate_low,
    {{ wilson_high('won_deals', 'created_deals') }} as close_rate_high,
    {{ amount('sum(close_rate) over (partition by period_grain order by age)') }} as cumulative_close_rate,

    ---------- dates
    {{ as_of() }} as as_of_date

from measured
