{# Whether each source can be trusted, check by check. A report, not a test: real data is dirty, and the KPIs are
   published with it. #}
{% set freshness = health_rule('freshness') %}
with

checks as (

    select
        *,
        {{ in_words('good_count') }} as good_text,
        {{ in_words('row_count') }} as rows_text,
        {{ in_words('row_count - good_count') }} as other_text,
        {{ percent_in_words('measured') }} as share_text

    from {{ ref('fct_source_checks') }}

),

{# A source that makes long pauses is not late before the longest of them is over. #}
bounded as (

    select
        *,
        {{ amount("case
            when check_name = 'freshness' and detail = 'load' then " ~ freshness.warn ~ "
            when check_name = 'freshness' and usual is not null then greatest(" ~ freshness.warn ~ ", usual)
            when check_name = 'volume' then lowest
            when check_name = 'linkage' then usual
            when check_name = 'completeness' then " ~ health_rule('completeness').warn ~ "
            when check_name = 'validity' then " ~ health_rule('validity').warn ~ "
            when check_name = 'integrity' then " ~ health_rule('integrity').warn ~ "
            when check_name = 'uniqueness' and column_name = '(rows)' then " ~ health_rule('uniqueness').warn ~ "
            when check_name = 'uniqueness' then " ~ health_rule('people').warn ~ "
            when check_name = 'reconciliation' then " ~ health_rule('reconciliation').warn ~ "
            when check_name = 'drift' then " ~ health_rule('drift').warn ~ "
        end") }} as warn_at

    from checks

),

{# No error where a rule of the project fills the gap, or where the source seems not to have the column at all: those
   warn. #}
limited as (

    select
        *,
        {{ amount("case
            when check_name = 'freshness' then warn_at * " ~ freshness.error / freshness.warn ~ "
            when check_name = 'volume' and lowest > 0 then 0
            when check_name = 'completeness' and (good_count = 0 or detail = 'fallback') then null
            when check_name = 'completeness' then " ~ health_rule('completeness').error ~ "
            when check_name = 'validity' then " ~ health_rule('validity').error ~ "
            when check_name = 'integrity' then " ~ health_rule('integrity').error ~ "
            when check_name = 'uniqueness' and column_name = '(rows)' then " ~ health_rule('uniqueness').error ~ "
            when check_name = 'uniqueness' then " ~ health_rule('people').error ~ "
            when check_name = 'reconciliation' then " ~ health_rule('reconciliation').error ~ "
            when check_name = 'drift' then " ~ health_rule('drift').error ~ "
        end") }} as error_at

    from bounded

),

scored as (

    select
        *,
        {{ amount("case
            when check_name = 'presence' and measured > 0 then 1
            when check_name = 'presence' and detail = 'required' then 0
            when check_name = 'presence' or measured is null then null
            when check_name in ('freshness', 'volume', 'linkage') and warn_at is null then null
            when check_name = 'freshness' and measured <= warn_at then 1
            when check_name = 'freshness' and measured >= error_at then 0
            when check_name = 'freshness' then " ~ ratio('error_at - measured', 'error_at - warn_at') ~ "
            when check_name = 'volume' and measured < lowest then " ~ ratio('measured', 'lowest') ~ "
            when check_name = 'volume' and measured > highest then " ~ ratio('highest', 'measured') ~ "
            when check_name = 'linkage' and highest < usual then " ~ ratio('measured', 'usual') ~ "
            when check_name in ('volume', 'linkage') then 1
            else measured
        end") }} as score

    from limited

),

judged as (

    select
        *,
        case
            when score is null then 'grey'
            when check_name in ('presence', 'freshness') and score = 0 then 'red'
            when check_name = 'volume' and measured = 0 and lowest > 0 then 'red'
            when check_name in ('presence', 'freshness', 'volume', 'linkage') and score = 1 then 'green'
            when check_name in ('freshness', 'volume', 'linkage') then 'amber'
            when score < error_at then 'red'
            when score < warn_at then 'amber'
            else 'green'
        end as status

    from scored

)

select
    {{ as_of() }} as as_of_date,
    entity,
    check_name,
    column_name,
    measured,
    score,
    warn_at,
    error_at,
    status,
    case
        when check_name = 'presence' and measured > 0 then {{ dbt.concat(["'rows: '", 'rows_text']) }}
        when check_name = 'presence' and detail = 'required' then 'absent, and no KPI can do without it'
        when check_name = 'presence' then 'absent'
        when check_name = 'freshness' and detail = 'load'
            then {{ dbt.concat([
                "'loaded '", in_words('measured', 1), "' hours before the end of the as-of date; late after '",
                in_words('warn_at'), "', too late after '", in_words('error_at')
            ]) }}
        when check_name = 'freshness' and usual is null
            then {{ dbt.concat([
                "'the newest row is '", in_words('measured', 1),
                "' hours old, there is no load time, and too few rows to say what is usual'"
            ]) }}
        when check_name = 'freshness'
            then {{ dbt.concat([
                "'there is no load time; the newest row is '", in_words('measured', 1),
                "' hours old, and the source has paused for '", in_words('usual'), "'; late after '",
                in_words('warn_at'), "', too late after '", in_words('error_at')
            ]) }}
        when check_name = 'volume' and usual is null
            then {{ dbt.concat([
                "'rows in the last '", 'detail', "': '", 'rows_text', "'; too few before it to say what is usual'"
            ]) }}
        when check_name = 'volume'
            then {{ dbt.concat([
                "'rows in the last '", 'detail', "': '", 'rows_text', "'; usual are '", in_words('usual', 1),
                "', from '", in_words('lowest', 1), "' to '", in_words('highest', 1)
            ]) }}
        when row_count = 0 then 'no row to judge'
        when check_name = 'completeness' and good_count = 0
            then {{ dbt.concat([
                "'none of '", 'rows_text', "' rows has it: the column is not mapped, or the source does not have it'"
            ]) }}
        when check_name = 'completeness'
            then {{ dbt.concat([
                'good_text', "' of '", 'rows_text', "' rows that should have it do, '", 'share_text'
            ]) }}
        when check_name = 'validity' and column_name = '(rows)'
            then {{ dbt.concat([
                'good_text', "' of '", 'rows_text', "' rows could be used, '", 'share_text',
                "'; rejected_rows lists the others'"
            ]) }}
        when check_name = 'validity'
            then {{ dbt.concat(['good_text', "' of '", 'rows_text', "' values are possible, '", 'share_text']) }}
        when check_name = 'integrity'
            then {{ dbt.concat([
                'good_text', "' of '", 'rows_text', "' values are known to '", 'detail', "', '", 'share_text'
            ]) }}
        when check_name = 'uniqueness' and column_name = '(rows)'
            then {{ dbt.concat(['other_text', "' of '", 'rows_text', "' rows repeat their '", 'detail']) }}
        when check_name = 'uniqueness'
            then {{ dbt.concat([
                'other_text', "' of '", 'rows_text', "' leads with an address are a person who already was one'"
            ]) }}
        when check_name = 'linkage' and usual is null
            then {{ dbt.concat([
                'detail', "': '", 'good_text', "' of '", 'rows_text', "' of late; none before to compare'"
            ]) }}
        when check_name = 'linkage'
            then {{ dbt.concat([
                'detail', "': '", 'good_text', "' of '", 'rows_text', "' of late, '", 'share_text', "'; before, '",
                percent_in_words('usual')
            ]) }}
        when check_name = 'reconciliation'
            then {{ dbt.concat([
                'good_text', "' of '", 'rows_text', "' customers are in '", 'entity', "' and in '", 'detail', "', '",
                'share_text', "'; of those in '", 'entity', "' '", percent_in_words('usual'),
                "'; customer_reconciliation lists them'"
            ]) }}
        when check_name = 'drift' and good_count < row_count
            then {{ dbt.concat([
                'other_text', "' of '", 'rows_text', "' words are not in the vocabulary, for example '", 'detail'
            ]) }}
        else {{ dbt.concat(["'all '", 'rows_text', "' words are in the vocabulary'"]) }}
    end as reason,
    row_count

from judged
