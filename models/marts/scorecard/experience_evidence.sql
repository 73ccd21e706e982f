{# How well customers were served, by the best evidence there is: what they said after the purchase, else how many
   deals were won for each one lost, else how many of the customers stayed. The three have different units, so not
   the values but the attainments stand in for one another, and each row says which it is. #}
{% set smallest = var('evidence_min_n') %}
with

kpi_values as (

    select * from {{ ref('kpi_values') }}
    where slice in ('all', 'rep', 'team', 'segment')

),

targets as (

    select * from {{ ref('fct_targets') }}

),

measured as (

    select
        kpi_values.*,
        targets.target
    from kpi_values
    left join targets
        on kpi_values.kpi = targets.kpi
        and kpi_values.period_grain = targets.period_grain
        and kpi_values.period_start = targets.period_start
        and kpi_values.slice = targets.slice
        and kpi_values.slice_value = targets.slice_value

),

{# The ratio counts the lost deals only: how many were closed is what the win rate divides by. #}
side_by_side as (

    select
        as_of_date,
        period_grain,
        period_start,
        slice,
        slice_value,
        max(case when kpi = 'purchase_experience' then value end) as purchase_experience,
        max(case when kpi = 'purchase_experience' then target end) as experience_target,
        coalesce(max(case when kpi = 'purchase_experience' then n end), 0) as answers,
        max(case when kpi = 'win_loss_ratio' then value end) as win_loss_ratio,
        max(case when kpi = 'win_loss_ratio' then target end) as win_loss_target,
        coalesce(max(case when kpi = 'deal_win_rate' then n end), 0) as closed_deals,
        max(case when kpi = 'customer_retention_rate' then value end) as customer_retention_rate,
        max(case when kpi = 'customer_retention_rate' then target end) as retention_target,
        coalesce(max(case when kpi = 'customer_retention_rate' then n end), 0) as customers

    from measured

    where kpi in ('purchase_experience', 'win_loss_ratio', 'deal_win_rate', 'customer_retention_rate')

    group by as_of_date, period_grain, period_start, slice, slice_value

),

chosen as (

    select
        *,
        case
            when answers >= {{ smallest }} then 'survey'
            when closed_deals >= {{ smallest }} and win_loss_ratio is not null then 'win_loss'
            when customers >= {{ smallest }} then 'retention'
            else 'none'
        end as evidence_source

    from side_by_side

),

attained as (

    select
        *,
        cast(
            case evidence_source
                when 'survey' then {{ ratio('purchase_experience', 'experience_target') }}
                when 'win_loss' then {{ ratio('win_loss_ratio', 'win_loss_target') }}
                when 'retention' then {{ ratio('customer_retention_rate', 'retention_target') }}
            end as {{ amount_type() }}
        ) as attainment,
        case evidence_source
            when 'survey' then answers
            when 'win_loss' then closed_deals
            when 'retention' then customers
        end as n

    from chosen

)

select
    as_of_date,
    period_grain,
    period_start,
    slice,
    slice_value,
    evidence_source,
    attainment,
    cast(n as {{ dbt.type_bigint() }}) as n,
    coalesce(n < 2 * {{ smallest }}, false) as is_small_n,
    purchase_experience,
    win_loss_ratio,
    customer_retention_rate

from attained
