{# The KPI cards filled in: what each KPI of the scorecard is in each period and slice, beside what it was, what
   it was to be, and how far it can be trusted. #}
with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

cards as (

    select * from {{ ref('kpis') }}
    where on_scorecard and not is_activity_volume

),

cohorts as (

    select * from {{ ref('kpi_cohorts') }}

),

targets as (

    select * from {{ ref('fct_targets') }}

),

pacing as (

    select * from {{ ref('kpi_pacing') }}

),

signals as (

    select * from {{ ref('kpi_signals') }}

),

sources as (

    select * from {{ ref('kpi_source_status') }}

),

companions as (

    select * from {{ ref('kpi_companion_values') }}

),

kpi_sources as (

    select * from {{ ref('kpi_sources') }}

),

stale_sources as (

    select * from {{ ref('source_health') }}
    where check_name = 'freshness' and status = 'red'

),

{# Nobody can have reported what its source has not delivered yet. #}
late as (

    select distinct kpi_sources.kpi
    from kpi_sources
    inner join stale_sources on kpi_sources.entity = stale_sources.entity

),

carded as (

    select
        kpi_values.*,
        cards.label,
        cards.family,
        cards.measure,
        cards.formula,
        cards.unit,
        cards.direction,
        cards.additivity,
        cards.frequency,
        cards.owner,
        cards.tolerance,
        cards.min_n,
        cards.companions,
        cards.requirements,
        cohorts.kpi is not null as is_cohort,
        case cards.direction when 'higher' then 1 when 'lower' then -1 end as better,
        {# With more refunds than spend a cost is below nothing, and what is set against it means nothing. #}
        not coalesce(
            cards.family = 'cost'
            and (kpi_values.denominator < 0 or (cards.direction = 'lower' and kpi_values.numerator < 0)),
            false
        ) as is_interpretable,
        {{ period_start('year', 'kpi_values.period_start') }} as year_start,
        case kpi_values.period_grain
            when 'week' then cast({{ dbt.dateadd('day', -364, 'kpi_values.period_start') }} as date)
            else cast({{ dbt.dateadd('year', -1, 'kpi_values.period_start') }} as date)
        end as last_year_start

    from kpi_values
    inner join cards on kpi_values.kpi = cards.kpi
    left join cohorts on kpi_values.kpi = cohorts.kpi

),

{# Only what is added or divided event by event can be summed up to a year to date; a stock is what it is now. #}
accumulated as (

    select
        *,
        case when lag(period_end) over (
            partition by kpi, period_grain, slice, slice_value
            order by period_start
        ) = period_start then lag(value) over (
            partition by kpi, period_grain, slice, slice_value
            order by period_start
        ) end as previous_value,
        sum(numerator) over (
            partition by kpi, period_grain, slice, slice_value, year_start
            order by period_start
        ) as numerator_to_date,
        sum(denominator) over (
            partition by kpi, period_grain, slice, slice_value, year_start
            order by period_start
        ) as denominator_to_date

    from carded

),

compared as (

    select
        now.*,
        last_year.value as same_period_last_year,
        case
            when now.kind in ('count', 'sum') then {{ amount('now.numerator_to_date') }}
            when now.kind in ('rate', 'ratio') then {{ ratio('now.numerator_to_date', 'now.denominator_to_date') }}
            when now.kind in ('stock', 'balance') then now.value
        end as year_to_date,
        targets.original_target,
        targets.target,
        targets.baseline,
        pacing.paced_by,
        pacing.elapsed_share,
        pacing.expected_to_date,
        pacing.pace,
        pacing.projected,
        pacing.required_per_day,
        signals.center,
        signals.lower_limit,
        signals.upper_limit,
        signals.signal,
        signals.verdict as signal_verdict,
        signals.is_predictable,
        sources.sources_text as sources,
        coalesce(sources.source_status, 'grey') as source_status,
        sources.source_score,
        sources.reason as source_reason,
        companions.companion_values

    from accumulated as now
    left join carded as last_year
        on now.kpi = last_year.kpi
        and now.period_grain = last_year.period_grain
        and now.last_year_start = last_year.period_start
        and now.slice = last_year.slice
        and now.slice_value = last_year.slice_value
    left join targets
        on now.kpi = targets.kpi
        and now.period_grain = targets.period_grain
        and now.period_start = targets.period_start
        and now.slice = targets.slice
        and now.slice_value = targets.slice_value
    left join pacing
        on now.kpi = pacing.kpi
        and now.period_grain = pacing.period_grain
        and now.period_start = pacing.period_start
        and now.slice = pacing.slice
        and now.slice_value = pacing.slice_value
    left join signals
        on now.kpi = signals.kpi
        and now.period_grain = signals.period_grain
        and now.period_start = signals.period_start
        and now.slice = signals.slice
        and now.slice_value = signals.slice_value
    left join sources on now.kpi = sources.kpi
    left join companions
        on now.kpi = companions.kpi
        and now.period_grain = companions.period_grain
        and now.period_start = companions.period_start
        and now.slice = companions.slice
        and now.slice_value = companions.slice_value

),

{# One formula for every direction and sign: 1 at the target, more on the better side of it, less on the other. Nothing
   is better than a share of none, or of all, and no interval ends there: at such a target the value decides. #}
attained as (

    select
        *,
        {{ amount('1 + better * ' ~ ratio('value - target', 'abs(target)')) }} as attainment,
        {{ ratio('baseline - value', 'baseline - target') }} as attainment_from_baseline,
        {{ amount('value - target') }} as gap,
        better * (value - target) >= 0 as target_met,
        case
            when ci_low is null or target is null or better is null then null
            when (better = 1 and target >= 1) or (better = -1 and target <= 0)
                then case when better * (value - target) >= 0 then 'met' else 'missed' end
            when better = 1 and ci_low >= target then 'met'
            when better = 1 and ci_high < target then 'missed'
            when better = -1 and ci_high <= target then 'met'
            when better = -1 and ci_low > target then 'missed'
            else 'undecided'
        end as rate_verdict

    from compared

),

{# What hides a verdict comes first; then, for an unfinished sum, the pace decides; then the interval of a rate; then
   the attainment. #}
judged as (

    select
        *,
        case
            when value is null then 'no value'
            when not is_interpretable then 'more refunded than spent'
            when better is null then 'for context only'
            when target is null then 'no target'
            when source_status = 'red' then 'source unhealthy'
            when n < min_n then 'too few records'
            when not is_complete_period and additivity = 'additive' and pace is null then 'too early'
            when is_cohort and not is_mature then 'outcomes still coming in'
        end as hidden_by,
        case
            when not is_complete_period and additivity = 'additive' then {{ amount('1 + better * (pace - 1)') }}
            else attainment
        end as judged_attainment

    from attained

),

coloured as (

    select
        *,
        case
            when hidden_by is not null then 'grey'
            when rate_verdict = 'met' then 'green'
            when rate_verdict = 'undecided' then 'amber'
            when judged_attainment is null and target_met then 'green'
            when judged_attainment is null then 'red'
            when judged_attainment >= 1 then 'green'
            when judged_attainment >= 1 - tolerance then 'amber'
            else 'red'
        end as status

    from judged

),

{# What should be looked at first: how far it falls short, doubled by a signal for the worse, halved by one for the
   better; a signal for the worse counts even where the target is met. #}
prioritised as (

    select
        *,
        case
            when hidden_by in (
                'no value',
                'more refunded than spent',
                'for context only',
                'source unhealthy',
                'outcomes still coming in'
            ) then 0
            else
                case
                    when hidden_by is not null or rate_verdict = 'met' then 0
                    when judged_attainment is null then case when target_met then 0 else 1 end
                    else least(1, greatest(0, 1 - judged_attainment))
                end
                * case signal_verdict when 'concern' then 2 when 'improvement' then 0.5 else 1 end
                + case signal_verdict when 'concern' then 0.1 else 0 end
        end as priority

    from coloured

),

{# Of a cohort the last one whose outcomes are in: a newer one would always look bad. #}
latest as (

    select
        kpi,
        period_grain,
        coalesce(
            max(case when is_mature then period_start end),
            max(case when is_complete_period then period_start end)
        ) as period_start,
        max(case when is_complete_period then period_start end) as last_complete_start

    from carded

    where slice = 'all'

    group by kpi, period_grain

)

select
    prioritised.as_of_date,

    ---------- the card
    prioritised.kpi,
    prioritised.label,
    prioritised.family,
    prioritised.requirements,
    prioritised.measure as measure_text,
    prioritised.formula as formula_text,
    prioritised.unit,
    prioritised.direction,
    prioritised.additivity,
    prioritised.frequency,
    prioritised.owner,
    prioritised.sources as source_list,

    ---------- where
    prioritised.period_grain,
    prioritised.period_start,
    prioritised.period_end,
    prioritised.slice,
    prioritised.slice_value,

    ---------- what
    prioritised.value,
    prioritised.n,
    prioritised.min_n,
    prioritised.ci_low,
    prioritised.ci_high,
    {{ amount('prioritised.previous_value') }} as previous,
    prioritised.same_period_last_year,
    {# What is not over, or waits for outcomes, is a part, and last year's is a whole. #}
    {{ amount('case when prioritised.is_mature then ' ~ ratio(
        'prioritised.value - prioritised.same_period_last_year', 'abs(prioritised.same_period_last_year)'
    ) ~ ' end') }} as change_on_last_year,
    {{ amount('prioritised.year_to_date') }} as year_to_date,
    prioritised.companions,
    prioritised.companion_values,

    ---------- against the target
    prioritised.target,
    prioritised.original_target,
    prioritised.tolerance,
    prioritised.attainment,
    prioritised.baseline,
    prioritised.attainment_from_baseline,
    prioritised.target_met,
    prioritised.gap,
    prioritised.rate_verdict,
    prioritised.paced_by,
    prioritised.elapsed_share,
    prioritised.expected_to_date,
    prioritised.pace,
    prioritised.projected,
    prioritised.required_per_day,

    ---------- signal
    prioritised.center,
    prioritised.lower_limit,
    prioritised.upper_limit,
    prioritised.signal,
    prioritised.signal_verdict,
    prioritised.is_predictable,

    ---------- trust
    prioritised.source_status,
    prioritised.source_score,
    prioritised.is_complete_period,
    prioritised.is_mature,
    prioritised.is_interpretable,
    coalesce(prioritised.period_start = latest.period_start, false)
    and prioritised.period_grain = {{ grain_of('prioritised.frequency') }} as is_latest,
    case
        when not prioritised.is_complete_period then 'running'
        when late.kpi is not null and prioritised.period_start = latest.last_complete_start then 'overdue'
        when prioritised.value is null then 'nothing to report'
        when not prioritised.is_mature then 'maturing'
        else 'reported'
    end as due_state,

    ---------- the verdict
    {{ amount('prioritised.priority') }} as priority,
    prioritised.status,
    case
        when prioritised.hidden_by = 'source unhealthy'
            then {{ dbt.concat(["'source unhealthy: '", "coalesce(prioritised.source_reason, 'unknown')"]) }}
        when prioritised.hidden_by = 'too few records'
            then {{ dbt.concat([
                'cast(prioritised.n as ' ~ dbt.type_string() ~ ')',
                "' records, '",
                'cast(prioritised.min_n as ' ~ dbt.type_string() ~ ')',
                "' are needed'"
            ]) }}
        when prioritised.hidden_by is not null then prioritised.hidden_by
        when prioritised.rate_verdict = 'undecided'
            then {{ dbt.concat([
                "'undecided: '",
                percent_in_words('prioritised.ci_low'),
                "' to '",
                percent_in_words('prioritised.ci_high'),
                "' holds the target of '",
                percent_in_words('prioritised.target')
            ]) }}
        when not prioritised.is_complete_period and prioritised.additivity = 'additive'
            then {{ dbt.concat([
                percent_in_words('prioritised.pace'),
                "' of what should be there by now'"
            ]) }}
        when prioritised.attainment is null and prioritised.target_met then 'the target of 0 is met'
        when prioritised.attainment is null then 'the target of 0 is missed'
        {# Where lower is better, an attainment of 75 % is a value of 125 % of the target. #}
        else {{ dbt.concat([
            "case when prioritised.direction != 'lower' then "
            ~ dbt.concat([percent_in_words('prioritised.attainment'), "' of'"])
            ~ " when prioritised.attainment = 1 then 'on' else "
            ~ dbt.concat([
                percent_in_words('abs(1 - prioritised.attainment)'),
                "case when prioritised.attainment < 1 then ' above' else ' below' end"
            ])
            ~ ' end',
            "' the target of '",
            'case when prioritised.rate_verdict is null then ' ~ number_in_words('prioritised.target')
            ~ ' else ' ~ percent_in_words('prioritised.target') ~ ' end',
            "case when prioritised.is_complete_period then '' else ', so far' end"
        ]) }}
    end as status_reason

from prioritised
left join latest
    on prioritised.kpi = latest.kpi
    and prioritised.period_grain = latest.period_grain
left join late on prioritised.kpi = late.kpi
