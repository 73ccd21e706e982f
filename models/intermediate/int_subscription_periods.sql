{{ config(materialized='table') }}

{# The periods over which customers are compared. They begin with the first subscription, not with the first
   lead: a billing system may be older than the CRM, and whoever subscribed before would vanish. #}
{% set grains = (['month'] + var('kpi_periods')) | unique | list %}
with

first_subscription as (

    select min(valid_from) as first_date
    from {{ ref('int_customer_mrr') }}

),

numbers as (

    {{ dbt.generate_series(65536) }}

),

days as (

    select
        cast({{ dbt.dateadd(
            'day', 'cast(numbers.generated_number - 1 as integer)', 'first_subscription.first_date'
        ) }} as date) as calendar_date

    from numbers
    cross join first_subscription

),

known_days as (

    select * from days
    where calendar_date <= {{ as_of() }}

),

periods as (
    {%- for grain in grains %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'calendar_date') }} as period_start,
        max(calendar_date) as closing_date

    from known_days

    group by 2
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select
    period_grain,
    period_start,
    cast({{ dbt.dateadd('day', -1, 'period_start') }} as date) as opening_date,
    closing_date,
    {# Of the periods that end on one day, the one whose rows count where a stock is taken. #}
    row_number() over (
        partition by closing_date
        order by case period_grain when 'month' then 0 else 1 end, period_grain
    ) = 1 as is_snapshot

from periods
