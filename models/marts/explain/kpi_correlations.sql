{# Which KPIs move together. Levels that both grow always do; so what is compared is how each changed against the month
   before, at the same time and some months apart. Many comparisons find something by chance: what counts as found is
   what stands after Benjamini and Hochberg, over all of them. #}
{% set most_months = 6 %}
{% set months_after = months_between('judged_quarter.next_day', 'months.month_start') %}
{% set pair = 'partition by overlap, lag' %}
with

register as (

    select
        *,
        case expected when 'positive' then 1 when 'negative' then -1 end as expected_sign
    from {{ ref('kpi_overlap_register') }}
    where kind = 'statistical' and compared in ('months', 'reps')

),

lags as (
    {%- for lag in range(-most_months, most_months + 1) %}

    select {{ lag }} as lag
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

asked as (

    select
        register.overlap,
        register.kpi_a,
        register.kpi_b,
        register.compared,
        register.min_n,
        register.expected_sign,
        lags.lag

    from register
    inner join lags
        on register.first_lag <= lags.lag
        and register.last_lag >= lags.lag

),

{# An unfinished month and a cohort whose outcomes are still coming in always look as if something had happened. #}
months as (

    select
        kpi,
        {{ months_between("cast('1970-01-01' as date)", 'period_start') }} as month_number,
        value,
        lag(value) over (partition by kpi order by period_start) as last_value,
        lag(period_end) over (partition by kpi order by period_start) as last_end,
        period_start

    from {{ ref('kpi_values') }}

    where
        period_grain = 'month'
        and slice = 'all'
        and is_complete_period
        and is_mature
        and value is not null

),

changes as (

    select
        kpi,
        month_number,
        value - last_value as change
    from months
    where last_end = period_start

),

{# A lag of 2: what a did in May, against what b did in July. #}
pairs_of_months as (

    select
        asked.overlap,
        asked.lag,
        changes_of_a.change as a,
        changes_of_b.change as b

    from asked
    inner join changes as changes_of_a on asked.kpi_a = changes_of_a.kpi
    inner join changes as changes_of_b
        on asked.kpi_b = changes_of_b.kpi
        and changes_of_a.month_number + asked.lag = changes_of_b.month_number

    where asked.compared = 'months'

),

{# The last quarter that four whole quarters have followed. #}
judged_quarter as (

    select
        cast({{ dbt.dateadd('month', -15, 'quarter_start') }} as date) as first_day,
        cast({{ dbt.dateadd('month', -12, 'quarter_start') }} as date) as next_day

    from (select {{ period_start('quarter', dbt.dateadd('day', 1, as_of())) }} as quarter_start) as running_quarter

),

wins as (

    select
        deals.rep,
        count(case when deals.is_won then 1 end) as won_deals,
        count(*) as closed_deals

    from {{ ref('fct_deals') }} as deals
    inner join judged_quarter
        on deals.closed_date >= judged_quarter.first_day
        and deals.closed_date < judged_quarter.next_day

    where (deals.is_won or deals.is_lost) and deals.rep is not null

    group by 1

),

{# The customers that the rep won in the quarter and that paid when it ended: who of them still did, a year later? #}
followed as (

    select
        customers.rep,
        customers.customer_id,
        max(case when {{ months_after }} = -1 and months.is_customer then 1 else 0 end) as was_customer,
        max(case when {{ months_after }} = 11 and months.is_customer then 1 else 0 end) as is_customer

    from {{ ref('dim_customers') }} as customers
    inner join judged_quarter
        on customers.first_won_date >= judged_quarter.first_day
        and customers.first_won_date < judged_quarter.next_day
    inner join {{ ref('fct_customer_months') }} as months on customers.customer_id = months.customer_id

    where customers.rep is not null

    group by 1, 2

),

kept as (

    select
        rep,
        count(*) as customers,
        sum(is_customer) as kept_customers
    from followed
    where was_customer = 1
    group by 1

),

{# In the order of the reps the ratio of won to lost and the share of won are one; the share also knows where a rep
   stands who never lost. #}
pairs_of_reps as (

    select
        asked.overlap,
        asked.lag,
        {{ ratio('wins.won_deals', 'wins.closed_deals') }} as a,
        {{ ratio('kept.kept_customers', 'kept.customers') }} as b

    from asked
    cross join wins
    inner join kept on wins.rep = kept.rep

    where asked.compared = 'reps'

),

{# What went up by chance comes down again: a month's change of mere noise is half the opposite of the last. Two such
   series say less than their number of months, by as much as each goes with its own past. #}
pairs_of_own as (

    select
        changes.kpi as overlap,
        1 as lag,
        changes.change as a,
        later_changes.change as b

    from changes
    inner join changes as later_changes
        on changes.kpi = later_changes.kpi
        and changes.month_number + 1 = later_changes.month_number

),

pairs as (

    select * from pairs_of_months
    union all
    select * from pairs_of_reps
    union all
    select * from pairs_of_own

),

{# Twice the mean of the places that equal values share: ranks with ties, in whole numbers. #}
placed as (

    select
        overlap,
        lag,
        cast(a - {{ ratio('sum(a) over (' ~ pair ~ ')', 'count(*) over (' ~ pair ~ ')') }} as {{ double_type() }}) as a,
        cast(b - {{ ratio('sum(b) over (' ~ pair ~ ')', 'count(*) over (' ~ pair ~ ')') }} as {{ double_type() }}) as b,
        cast(
            2 * rank() over ({{ pair }} order by a) + count(*) over ({{ pair }}, a) as {{ double_type() }}
        ) as rank_a,
        cast(
            2 * rank() over ({{ pair }} order by b) + count(*) over ({{ pair }}, b) as {{ double_type() }}
        ) as rank_b

    from pairs

),

counted as (

    select
        overlap,
        lag,
        count(*) as n,
        {{ correlation('a', 'b') }} as pearson,
        {{ correlation('rank_a', 'rank_b') }} as spearman

    from placed

    group by 1, 2

),

{# The order of pairs varies a little more by chance than Pearson's measure of them (Fieller). Of reps only the order is
   known. #}
measured as (

    select
        overlap,
        lag,
        'pearson' as method,
        pearson as correlation,
        1e0 as spread,
        n
    from counted

    union all

    select
        overlap,
        lag,
        'spearman' as method,
        spearman as correlation,
        1.06e0 as spread,
        n
    from counted

),

methods as (

    select
        'pearson' as method,
        'months' as compared

    union all

    select
        'spearman' as method,
        'months' as compared

    union all

    select
        'spearman' as method,
        'reps' as compared

),

known as (

    select
        asked.*,
        methods.method,
        coalesce(measured.n, 0) as n,
        measured.spread,
        case
            when asked.compared = 'months' and own_a.correlation * own_b.correlation > 0
                then measured.n / (1e0 + 2e0 * own_a.correlation * own_b.correlation)
            else 1e0 * measured.n
        end as effective_n,
        case when measured.n >= asked.min_n then measured.correlation end as correlation

    from asked
    inner join methods on asked.compared = methods.compared
    left join measured
        on asked.overlap = measured.overlap
        and asked.lag = measured.lag
        and methods.method = measured.method
    left join measured as own_a
        on asked.kpi_a = own_a.overlap
        and methods.method = own_a.method
    left join measured as own_b
        on asked.kpi_b = own_b.overlap
        and methods.method = own_b.method

),

distant as (

    select
        *,
        {{ correlation_distance('correlation', 'effective_n', 'spread') }} as distance
    from known

),

tested as (

    select
        *,
        {{ two_sided_p('distance') }} as p_value
    from distant

),

{# Of m comparisons the k-th smallest p counts m / k times; a larger p never counts for less. #}
ordered as (

    select
        *,
        row_number() over (
            partition by case when p_value is null then 0 else 1 end
            order by p_value, overlap, method, lag
        ) as place,
        count(p_value) over () as comparisons
    from tested

),

weighed as (

    select
        *,
        p_value * comparisons / place as weighed_p_value
    from ordered

),

adjusted as (

    select
        *,
        case
            when p_value is not null then least(1e0, min(weighed_p_value) over (
                partition by case when p_value is null then 0 else 1 end
                order by place
                rows between current row and unbounded following
            ))
        end as adjusted_p_value
    from weighed

),

rounded as (

    select
        *,
        {{ amount('correlation') }} as rounded_correlation,
        adjusted_p_value <= {{ var('false_discovery_rate') }} as is_significant
    from adjusted

)

select

    ---------- text
    overlap,
    kpi_a,
    kpi_b,
    compared,
    method,

    ---------- numerics
    cast(lag as integer) as lag,
    cast(n as {{ dbt.type_bigint() }}) as n,
    {{ amount('effective_n') }} as effective_n,
    rounded_correlation as correlation,
    {{ amount(correlation_low('correlation', 'effective_n', 'spread')) }} as ci_low,
    {{ amount(correlation_high('correlation', 'effective_n', 'spread')) }} as ci_high,
    {{ amount('p_value') }} as p_value,
    {{ amount('adjusted_p_value') }} as adjusted_p_value,
    cast(expected_sign as integer) as expected_sign,

    ---------- booleans
    is_significant,
    case
        when is_significant and expected_sign is not null then correlation * expected_sign > 0
    end as has_expected_sign,

    ---------- dates
    {{ as_of() }} as as_of_date

from rounded
