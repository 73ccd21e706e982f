{# Did the probabilities hold? What they said of deals that were open at past period ends, beside what became of those
   deals. A deal counts once for each stage, at the first period end that saw it there: counted at every one, the
   deals that stay open longest would be counted most. #}
{% set bands = 10 %}
with

deals as (

    select * from {{ ref('fct_deal_outlooks') }}
    where
        win_probability is not null
        and not is_latest
        and final_outcome != 'invalid'

),

ranked as (

    select
        *,
        row_number() over (partition by deal_id, coalesce(stage, '(none)') order by origin_date) as sighting
    from deals

),

first_seen as (

    select
        deal_id,
        coalesce(stage, '(none)') as stage,
        win_probability,
        vocabulary_probability,
        overall_win_rate,
        case
            {%- for band in range(1, bands) %}
            when win_probability < {{ band / bands }} then {{ band }}
            {%- endfor %}
            else {{ bands }}
        end as band,
        case when final_outcome = 'open' then 0 else 1 end as is_resolved,
        case
            when final_outcome = 'won' then 1
            when final_outcome = 'lost' then 0
        end as is_won

    from ranked

    where sighting = 1

),

scored as (

    select
        *,
        (win_probability - is_won) * (win_probability - is_won) as squared_error,
        (overall_win_rate - is_won) * (overall_win_rate - is_won) as overall_squared_error,
        (vocabulary_probability - is_won) * (vocabulary_probability - is_won) as vocabulary_squared_error
    from first_seen

),

grouped as (

    select
        'all' as calibrated_by,
        'all' as member,
        scored.*
    from scored

    union all

    select
        'band' as calibrated_by,
        case band
            {%- for band in range(1, bands + 1) %}
            when {{ band }} then '{{ (band - 1) / bands }} to {{ band / bands }}'
            {%- endfor %}
        end as member,
        scored.*
    from scored

    union all

    select
        'stage' as calibrated_by,
        stage as member,
        scored.*
    from scored

),

summed as (

    select
        calibrated_by,
        member,
        sum(is_resolved) as resolved_deals,
        coalesce(sum(is_won), 0) as won_deals,
        count(*) - sum(is_resolved) as open_deals,
        sum(case when is_resolved = 1 then win_probability end) as predicted,
        sum(squared_error) as squared_error,
        sum(overall_squared_error) as overall_squared_error,
        sum(vocabulary_squared_error) as vocabulary_squared_error,
        count(vocabulary_squared_error) as vocabulary_deals

    from grouped

    group by 1, 2

),

measured as (

    select
        *,
        {{ ratio('predicted', 'resolved_deals') }} as mean_predicted,
        {{ wilson_low('won_deals', 'resolved_deals') }} as win_rate_low,
        {{ wilson_high('won_deals', 'resolved_deals') }} as win_rate_high
    from summed

)

select

    ---------- text
    calibrated_by,
    member,

    ---------- numerics
    cast(resolved_deals as {{ dbt.type_bigint() }}) as resolved_deals,
    cast(won_deals as {{ dbt.type_bigint() }}) as won_deals,
    cast(open_deals as {{ dbt.type_bigint() }}) as open_deals,
    mean_predicted,
    {{ ratio('won_deals', 'resolved_deals') }} as win_rate,
    win_rate_low,
    win_rate_high,
    {{ ratio('won_deals', 'resolved_deals + open_deals') }} as win_rate_so_far,
    {{ ratio('squared_error', 'resolved_deals') }} as brier_score,
    {{ ratio('overall_squared_error', 'resolved_deals') }} as overall_brier_score,
    {{ ratio('vocabulary_squared_error', 'vocabulary_deals') }} as vocabulary_brier_score,
    {{ ratio('overall_squared_error - squared_error', 'overall_squared_error') }} as brier_skill,

    ---------- booleans
    case
        when resolved_deals > 0 then mean_predicted >= win_rate_low and mean_predicted <= win_rate_high
    end as is_calibrated,

    ---------- dates
    {{ as_of() }} as as_of_date

from measured
