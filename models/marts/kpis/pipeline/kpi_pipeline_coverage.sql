{# How often the open deals expected to close in the period cover what is still to be won in it: at the start of
   a past period, as of now in the running one. #}
with

snapshots as (

    select * from {{ ref('fct_deal_snapshots') }}

),

targets as (

    select * from {{ ref('fct_targets') }}
    where kpi = 'won_revenue' and slice = 'all'

),

wins as (

    select * from {{ ref('fct_deals') }}
    where is_won

),

{# The days that the data knows: before them no pipeline is known. #}
days as (

    select * from {{ ref('dim_dates') }}
    where is_past

),

dated as (
    {%- for grain in var('kpi_periods') %}

    select
        period_grain,
        period_start,
        {{ period_end(grain, 'period_start') }} as period_end,
        case
            when {{ period_last_day(grain, 'period_start') }} <= {{ as_of() }}
                then cast({{ dbt.dateadd('day', -1, 'period_start') }} as date)
            else {{ as_of() }}
        end as measured_on,
        target

    from targets

    where period_grain = '{{ grain }}'
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

known as (

    select dated.*
    from dated
    inner join days on dated.measured_on = days.calendar_date

),

parts as (

    select
        snapshots.deal_id as record_id,
        known.period_grain,
        known.period_start as period_date,
        snapshots.amount as open_amount,
        1 as open_deals,
        0 as target_left

    from known
    inner join snapshots
        on known.measured_on = snapshots.snapshot_date
        and known.period_start <= snapshots.expected_close_date
        and known.period_end > snapshots.expected_close_date

    where not snapshots.is_stale

    union all

    select
        'target' as record_id,
        period_grain,
        period_start as period_date,
        0 as open_amount,
        0 as open_deals,
        target as target_left

    from known

    union all

    select
        wins.deal_id as record_id,
        known.period_grain,
        known.period_start as period_date,
        0 as open_amount,
        0 as open_deals,
        -wins.won_amount as target_left

    from known
    inner join wins
        on known.period_start <= wins.closed_date
        and known.measured_on >= wins.closed_date

)

{{ kpi_from(
    'parts',
    kind='derived',
    per_grain=true,
    slices=[],
    measures=['open_amount', 'open_deals', 'target_left'],
    numerator='open_amount',
    denominator='case when target_left > 0 then target_left end',
    n='open_deals',
) }}
