{# The scorecard of each member of a slice, beside the whole company and the others: a rank goes by the lower bound
   of a rate, so that three wins of four do not outrank thirty of forty, and only among those with records enough. #}
{% macro report_card(slice) %}
with

scorecard as (

    select * from {{ ref('kpi_scorecard') }}

),

members as (

    select * from scorecard
    where slice = '{{ slice }}' and slice_value != '(none)'

),

company as (

    select * from scorecard
    where slice = 'all'

),

compared as (

    select
        members.*,
        company.value as company_value,
        case when members.n > 0 and members.n >= members.min_n then
            case members.direction when 'lower' then -1 else 1 end
            * coalesce(case members.direction when 'lower' then members.ci_high else members.ci_low end, members.value)
        end as standing

    from members
    left join company
        on members.kpi = company.kpi
        and members.period_grain = company.period_grain
        and members.period_start = company.period_start

),

ranked as (

    select
        *,
        case when standing is not null and direction != 'context' then rank() over (
            partition by kpi, period_grain, period_start
            order by case when standing is null then 1 else 0 end, standing desc
        ) end as standing_rank,
        count(standing) over (partition by kpi, period_grain, period_start) as ranked_members

    from compared

)

select
    as_of_date,
    slice_value as {{ slice }},
    kpi,
    label,
    family,
    unit,
    direction,
    period_grain,
    period_start,
    period_end,
    value,
    n,
    ci_low,
    ci_high,
    company_value,
    previous,
    same_period_last_year,
    year_to_date,
    companion_values,
    cast(standing_rank as {{ dbt.type_bigint() }}) as standing_rank,
    cast(ranked_members as {{ dbt.type_bigint() }}) as ranked_members,
    target,
    attainment,
    status,
    status_reason,
    signal,
    signal_verdict,
    is_predictable,
    is_complete_period,
    is_latest

from ranked
{% endmacro %}
