{# How often the deals that ever entered a stage were won, as one could have said it on each day that the pipeline
   is looked at. Only what had happened and was recorded by then counts: each deal enters the sums on the day its
   outcome was known and leaves them on the day that was known to be over. The sums run over those days, so that
   an origin more costs a row, not another pass. #}
{% set any_stage = '(none)' %}
with

versions as (

    select * from {{ ref('int_deal_versions') }}

),

deals as (

    select * from {{ ref('fct_deals') }}

),

stages as (

    select * from {{ ref('stg_stages') }}

),

origins as (

    select calendar_date as origin_date
    from {{ ref('dim_dates') }}
    where {{ is_snapshot_day() }}

),

{# A deal that was closed nobody knows when is in no history. The reason of a loss has none either: that of today
   is about the last outcome, and an earlier one was a loss. #}
dated as (

    select
        versions.*,
        versions.outcome = 'won' as is_won,
        versions.outcome = 'invalid' or (versions.valid_to is null and deals.is_invalid) as is_invalid

    from versions
    inner join deals on versions.deal_id = deals.deal_id

    where
        not deals.is_deleted
        and (deals.is_open or deals.closed_date is not null)

),

{# Every deal enters the pipeline; what enters no stage that anybody knows is in that row alone. Without a date of
   entry a deal is in the stage, but nobody can tell for how long. #}
entries as (

    select
        deal_id,
        '{{ any_stage }}' as stage,
        min(valid_from_date) as entered_date,
        min(known_from_date) as known_date

    from dated

    group by 1

    union all

    select
        deal_id,
        stage,
        min(case when is_dated then valid_from_date end) as entered_date,
        min(known_from_date) as known_date

    from dated

    where outcome = 'open' and stage is not null

    group by 1, 2

),

limits as (

    select
        *,
        cast({{ dbt.dateadd('day', var('stage_win_days'), 'entered_date') }} as date) as limit_date
    from entries

),

judged as (

    select
        *,
        case when limit_date > known_date then limit_date when limit_date is not null then known_date end as judged_date
    from limits

),

{# For as long as a deal was known to be closed. #}
closings as (

    select * from dated
    where
        outcome != 'open'
        and (known_to_date is null or known_from_date < known_to_date)

),

closed_entries as (

    select
        judged.stage,
        judged.known_date,
        judged.judged_date,
        judged.entered_date <= closings.valid_from_date
        and judged.limit_date >= closings.valid_from_date as is_in_time,
        closings.is_won,
        closings.is_invalid,
        closings.known_from_date,
        closings.known_to_date

    from judged
    inner join closings
        on judged.deal_id = closings.deal_id
        and (closings.known_to_date is null or judged.known_date < closings.known_to_date)

),

{# What each day adds to the sums, or takes from them. #}
changes as (

    select
        stage,
        greatest(known_from_date, known_date) as change_date,
        1 as resolved,
        case when is_won then 1 else 0 end as won,
        0 as judged,
        0 as won_in_time
    from closed_entries
    where not is_invalid

    union all

    select
        stage,
        known_to_date as change_date,
        -1 as resolved,
        case when is_won then -1 else 0 end as won,
        0 as judged,
        0 as won_in_time
    from closed_entries
    where not is_invalid and known_to_date is not null

    union all

    select
        stage,
        judged_date as change_date,
        0 as resolved,
        0 as won,
        1 as judged,
        0 as won_in_time
    from judged
    where judged_date is not null

    union all

    {# An invalid deal is none, won or not. #}
    select
        stage,
        greatest(known_from_date, judged_date) as change_date,
        0 as resolved,
        0 as won,
        case when is_invalid then -1 else 0 end as judged,
        case when is_won and is_in_time then 1 else 0 end as won_in_time
    from closed_entries
    where judged_date is not null and (known_to_date is null or judged_date < known_to_date)

    union all

    select
        stage,
        known_to_date as change_date,
        0 as resolved,
        0 as won,
        case when is_invalid then 1 else 0 end as judged,
        case when is_won and is_in_time then -1 else 0 end as won_in_time
    from closed_entries
    where judged_date < known_to_date

),

{# A stage exists from the first day that a deal was known to be in it. #}
known_stages as (

    select
        stage,
        min(known_date) as first_known_date
    from entries
    group by 1

),

steps as (

    select
        stage,
        change_date as step_date,
        0 as is_origin,
        sum(resolved) as resolved,
        sum(won) as won,
        sum(judged) as judged,
        sum(won_in_time) as won_in_time
    from changes
    group by 1, 2

    union all

    select
        known_stages.stage,
        origins.origin_date as step_date,
        1 as is_origin,
        0 as resolved,
        0 as won,
        0 as judged,
        0 as won_in_time
    from known_stages
    inner join origins on known_stages.first_known_date <= origins.origin_date

),

summed as (

    select
        stage,
        step_date as origin_date,
        is_origin,
        sum(resolved) over stage_so_far as resolved,
        sum(won) over stage_so_far as won,
        sum(judged) over stage_so_far as judged,
        sum(won_in_time) over stage_so_far as won_in_time

    from steps

    window stage_so_far as (
        partition by stage
        order by step_date, is_origin
        rows between unbounded preceding and current row
    )

),

with_overall as (

    select
        *,
        cast(
            max(case when stage = '{{ any_stage }}' then {{ ratio('won', 'resolved') }} end) over (
                partition by origin_date
            ) as {{ amount_type() }}
        ) as overall_win_rate

    from summed

    where is_origin = 1

),

{# A stage that few deals have left behind is not yet known: it is drawn towards all deals. #}
shrunk as (

    select
        with_overall.*,
        stages.stage_order,
        stages.probability as vocabulary_probability,
        {{ ratio(
            'with_overall.won + ' ~ var('shrinkage_weight') ~ ' * with_overall.overall_win_rate',
            'with_overall.resolved + ' ~ var('shrinkage_weight')
        ) }} as win_probability

    from with_overall
    left join stages on lower(with_overall.stage) = stages.stage_key

),

compared as (

    select
        *,
        max(case when stage_order is not null then win_probability end) over (
            partition by origin_date
            order by coalesce(stage_order, 0)
            range between unbounded preceding and 1 preceding
        ) as best_of_earlier_stages

    from shrunk

)

select

    ---------- text
    stage,

    ---------- numerics
    stage_order,
    cast(resolved as {{ dbt.type_bigint() }}) as resolved_deals,
    cast(won as {{ dbt.type_bigint() }}) as won_deals,
    {{ ratio('won', 'resolved') }} as win_rate,
    {{ wilson_low('won', 'resolved') }} as win_rate_low,
    {{ wilson_high('won', 'resolved') }} as win_rate_high,
    overall_win_rate,
    win_probability,
    vocabulary_probability,
    cast(judged as {{ dbt.type_bigint() }}) as judged_deals,
    cast(won_in_time as {{ dbt.type_bigint() }}) as won_in_time_deals,
    {{ ratio('won_in_time', 'judged') }} as win_rate_in_time,

    ---------- booleans
    case
        when stage_order is not null and win_probability is not null
            then coalesce(win_probability >= best_of_earlier_stages, true)
    end as is_monotone,

    ---------- dates
    origin_date,
    origin_date = {{ as_of() }} as is_latest,
    {{ as_of() }} as as_of_date

from compared
