{# What became of every overlap of the register: an identity that holds or not, two sources that agree or not, two KPIs
   that move together or not, in one shape and a sentence. #}
{% set end = period_start('month', dbt.dateadd('day', 1, as_of())) %}
with

register as (

    select
        *,
        coalesce(tolerance, 0) as allowed
    from {{ ref('kpi_overlap_register') }}

),

identities as (

    select * from {{ ref('kpi_identities') }}

),

correlations as (

    select * from {{ ref('kpi_correlations') }}

),

sources as (

    select
        'D01' as overlap,
        matched_count,
        union_count
    from {{ ref('fct_source_agreement') }}
    where subject = 'new customers'

    union all

    select
        case subject when 'converted leads' then 'D02' when 'meetings held' then 'D03' else 'D04' end as overlap,
        sum(case when is_matched then 1 else 0 end) as matched_count,
        count(*) as union_count
    from {{ ref('record_reconciliation') }}
    where not is_too_recent
    group by 1

),

{# Little's law over the last twelve whole months. How long a deal is open is known of those that closed. #}
last_year as (

    select
        cast({{ dbt.dateadd('month', -12, end) }} as date) as first_day,
        {{ end }} as next_day

),

month_ends as (

    select {{ ratio('count(*)', '12') }} as open_deals
    from {{ ref('fct_deal_snapshots') }} as snapshots
    inner join last_year
        on snapshots.snapshot_date >= last_year.first_day
        and snapshots.snapshot_date < last_year.next_day
    where snapshots.snapshot_date = {{ period_last_day('month', 'snapshots.snapshot_date') }}

),

moved as (

    select
        deals.created_date >= last_year.first_day as is_created,
        deals.closed_date >= last_year.first_day
        and deals.closed_date < last_year.next_day
        and deals.closed_date >= deals.created_date as is_closed,
        {{ days_between('deals.created_date', 'deals.closed_date') }} as days_open,
        {{ days_between('last_year.first_day', 'last_year.next_day') }} as days

    from last_year
    inner join {{ ref('fct_deals') }} as deals on last_year.next_day > deals.created_date

    where not deals.is_deleted

),

flow as (

    select
        count(case when is_created then 1 end) as created_deals,
        count(case when is_closed then 1 end) as closed_deals,
        sum(case when is_closed then days_open end) as days_open,
        days

    from moved

    group by 4

),

standing as (

    select
        'L01' as overlap,
        month_ends.open_deals,
        {{ ratio(
            'flow.created_deals * ' ~ ratio('flow.days_open', 'flow.closed_deals'), 'flow.days'
        ) }} as deals_by_flow,
        flow.closed_deals
    from flow
    cross join month_ends

),

{# Both measures of one lag: what only one of them shows may be the work of a few extreme months. #}
by_lag as (

    select
        *,
        count(*) over (partition by overlap, lag) as measures,
        sum(case when is_significant then 1 else 0 end) over (partition by overlap, lag) as significant_measures,
        max(p_value) over (partition by overlap, lag) as larger_p_value,
        min(case when correlation > 0 then 1 when correlation < 0 then -1 else 0 end) over (partition by overlap, lag)
        * max(case when correlation > 0 then 1 when correlation < 0 then -1 else 0 end) over (partition by overlap, lag)
            as sign_agreement
    from correlations

),

{# The lag that says most, by the measure that says less. #}
ordered as (

    select
        *,
        row_number() over (
            partition by overlap
            order by
                case when correlation is null then 1 else 0 end asc,
                significant_measures desc,
                larger_p_value asc nulls last,
                abs(lag) asc,
                lag asc,
                p_value desc nulls last,
                n desc,
                method asc
        ) as place
    from by_lag

),

strongest as (

    select * from ordered
    where place = 1

),

measured as (

    select
        register.*,
        case register.kind
            when 'identity' then identities.left_side
            when 'definitional' then {{ ratio('sources.matched_count', 'sources.union_count') }}
            else coalesce(standing.open_deals, strongest.correlation)
        end as observed_value,
        case register.kind
            when 'identity' then identities.right_side
            when 'definitional' then {{ amount('case when sources.union_count > 0 then 1 end') }}
            else standing.deals_by_flow
        end as expected_value,
        coalesce(identities.cells, sources.union_count, standing.closed_deals, strongest.n, 0) as n,
        identities.broken_cells,
        identities.period_grain,
        identities.period_start,
        identities.slice,
        identities.slice_value,
        sources.matched_count,
        sources.union_count,
        strongest.lag as best_lag,
        strongest.method,
        strongest.ci_low,
        strongest.ci_high,
        strongest.expected_sign,
        strongest.measures,
        strongest.significant_measures,
        strongest.sign_agreement

    from register
    left join identities on register.overlap = identities.overlap
    left join sources on register.overlap = sources.overlap
    left join standing on register.overlap = standing.overlap
    left join strongest on register.overlap = strongest.overlap

),

compared as (

    select
        *,
        {{ amount('observed_value - expected_value') }} as residual,
        {# A source that has everything and one that has nothing agree on nothing. #}
        observed_value is not null and n >= min_n as is_testable,
        abs(observed_value - expected_value) <= allowed * greatest(1, abs(observed_value), abs(expected_value))
            as is_within_tolerance
    from measured

),

judged as (

    select
        *,
        case
            when kind = 'definitional' and kpi_b is null then 'no second source'
            when not is_testable then 'not testable'
            when kind = 'identity' then case when broken_cells = 0 then 'holds' else 'broken' end
            when kind = 'definitional' then case when is_within_tolerance then 'agrees' else 'disagrees' end
            when expected_value is not null then case when is_within_tolerance then 'holds' else 'does not hold' end
            when significant_measures = 0 then 'none found'
            when significant_measures < measures or sign_agreement < 1 then 'one measure only'
            when expected_sign is null then 'association'
            when observed_value * expected_sign > 0 then 'as expected'
            else 'against expectation'
        end as status
    from compared

)

select

    ---------- ids
    overlap,

    ---------- text
    kind,
    kpi_a,
    kpi_b,
    expected as expectation,
    status,
    case
        when status = 'no second source' then 'No second source is among the entities: nothing to compare it with.'
        when status = 'not testable' and kind = 'identity' then 'No cell has both sides.'
        when status = 'not testable' and kind = 'definitional' then 'Only one source has records, or none.'
        when status = 'not testable' and n >= min_n then 'One of the two never changes.'
        when status = 'not testable'
            then {{ dbt.concat([in_words('n'), "' '", 'compared', "', where '", in_words('min_n'), "' are needed.'"]) }}
        when kind = 'identity' and broken_cells = 0
            then {{ dbt.concat(["'Both sides are equal in all '", in_words('n'), "' cells.'"]) }}
        when kind = 'identity'
            then {{ dbt.concat([
                "'Differs in '", in_words('broken_cells'), "' of '", in_words('n'), "' cells; furthest off: '",
                'period_grain', "' from '", 'cast(period_start as ' ~ dbt.type_string() ~ ')', "', '",
                "case when slice = 'all' and slice_value = 'all' then 'the whole' else slice_value end", "': '",
                number_in_words('observed_value'), "', not '", number_in_words('expected_value'), "'.'",
            ]) }}
        when kind = 'definitional'
            then {{ dbt.concat([
                "'Both sources have '", in_words('matched_count'), "' of '", in_words('union_count'),
                "' records: between '", in_words('matched_count'), "' confirmed and '", in_words('union_count'),
                "' possible.'",
            ]) }}
        when expected_value is not null
            then {{ dbt.concat([
                "'There are '", number_in_words('observed_value'), "' open deals; by what comes in and how long it stays '",
                number_in_words('expected_value'), "' are to be expected.'",
            ]) }}
        else {{ dbt.concat([
            "case status
                when 'none found' then 'No more than chance; the strongest is '
                when 'one measure only' then 'By one measure only, which a few extreme values can make: '
                when 'as expected' then 'They go together as expected: '
                when 'against expectation' then 'They go together, but the other way: '
                else 'They go together: '
            end",
            number_in_words('observed_value'), "' ('", 'method', "'; '", in_words('n'), "' '", 'compared', "'; lag '",
            in_words('best_lag'), "'), with 95 % between '", number_in_words('ci_low'), "' and '",
            number_in_words('ci_high'), "'.'",
        ]) }}
    end as sentence,
    method,
    asserted_by,
    requirements,

    ---------- numerics
    observed_value as observed,
    expected_value as expected,
    residual,
    cast(n as {{ dbt.type_bigint() }}) as n,
    cast(matched_count as {{ dbt.type_bigint() }}) as confirmed,
    cast(union_count as {{ dbt.type_bigint() }}) as possible,
    cast(best_lag as integer) as lag,

    ---------- dates
    {{ as_of() }} as as_of_date

from judged
