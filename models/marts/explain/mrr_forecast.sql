{# MRR rolled forward from the end of each month, with nothing known but the months up to then: what stays, grows,
   shrinks and leaves is a share of the MRR, what comes in an amount a month. The scenario `trailing` goes on as the last
   months went; low, base and high (var forecast_scenarios) take what was bad, usual and good among all such windows so far:
   bad is much churn and contraction, and little of all else. #}
{% set window_months = var('forecast_window') %}
{% set rates = ['churn_rate', 'contraction_rate', 'expansion_rate'] %}
{% set inflows = ['new_mrr', 'reactivation_mrr'] %}
{% set scenarios = var('forecast_scenarios') %}
with

customer_months as (

    select * from {{ ref('fct_customer_months') }}
    where is_complete_month

),

months as (

    select
        month_start,
        sum(opening_mrr) as opening_mrr,
        sum(mrr) as mrr,
        sum(case when movement = 'new' then movement_amount else 0 end) as new_mrr,
        sum(case when movement = 'reactivation' then movement_amount else 0 end) as reactivation_mrr,
        sum(case when movement = 'expansion' then movement_amount else 0 end) as expansion_mrr,
        -sum(case when movement = 'contraction' then movement_amount else 0 end) as contraction_mrr,
        -sum(case when movement = 'churn' then movement_amount else 0 end) as churn_mrr

    from customer_months

    group by 1

),

trailing_sums as (

    select
        month_start,
        mrr,
        {%- for movement in ['opening', 'new', 'reactivation', 'expansion', 'contraction', 'churn'] %}
        sum({{ movement }}_mrr) over recent as {{ movement }}_mrr,
        {%- endfor %}
        count(*) over recent as window_months,
        row_number() over (order by month_start) as months_of_history,
        row_number() over (order by month_start desc) as months_ago

    from months

    window recent as (order by month_start rows between {{ window_months - 1 }} preceding and current row)

),

{# Rates as the ratio of sums: a mean of monthly rates would give a small month the weight of a large one. #}
windows as (

    select
        month_start,
        months_of_history,
        months_ago,
        cast(mrr as {{ double_type() }}) as mrr,
        {%- for movement in ['churn', 'contraction', 'expansion'] %}
        {{ factor(movement ~ '_mrr', 'opening_mrr') }} as {{ movement }}_rate,
        {%- endfor %}
        {{ factor('new_mrr', window_months) }} as new_mrr,
        {{ factor('reactivation_mrr', window_months) }} as reactivation_mrr

    from trailing_sums

    where window_months = {{ window_months }} and opening_mrr > 0

),

origins as (

    select * from windows
    where months_ago <= {{ var('forecast_origins') }} + 1

),

spread as (

    select
        origins.month_start,
        {%- for scenario, share in scenarios.items() %}
        {%- for name in rates + inflows %}
        {%- set percentile = 1 - share if name in ('churn_rate', 'contraction_rate') else share %}
        percentile_cont({{ percentile | round(6) }}) within group (order by windows.{{ name }})
            as {{ scenario }}_{{ name }},
        {%- endfor %}
        {%- endfor %}
        count(*) as windows

    from origins
    inner join windows on origins.month_start >= windows.month_start

    group by 1

),

scenarios as (

    select
        'trailing' as scenario,
        {%- for name in rates + inflows %}
        {{ name }},
        {%- endfor %}
        month_start

    from origins
    {%- for scenario in scenarios %}

    union all

    {# What has left cannot shrink: the worst of both together is never more than all. #}
    select
        '{{ scenario }}' as scenario,
        {{ scenario }}_churn_rate as churn_rate,
        least({{ scenario }}_contraction_rate, 1e0 - {{ scenario }}_churn_rate) as contraction_rate,
        {{ scenario }}_expansion_rate as expansion_rate,
        {%- for name in inflows %}
        {{ scenario }}_{{ name }} as {{ name }},
        {%- endfor %}
        month_start

    from spread
    {%- endfor %}

),

months_ahead as (

    {{ dbt.generate_series(forecast_months()) }}

),

prepared as (

    select
        scenarios.*,
        origins.mrr as origin_mrr,
        origins.months_of_history,
        origins.months_ago,
        1e0 - scenarios.churn_rate - scenarios.contraction_rate + scenarios.expansion_rate as factor,
        scenarios.new_mrr + scenarios.reactivation_mrr as inflow,
        cast(months_ahead.generated_number as integer) as horizon

    from scenarios
    inner join origins on scenarios.month_start = origins.month_start
    cross join months_ahead

),

rolled as (

    select
        *,
        {{ rolled_forward('origin_mrr', 'factor', 'inflow', '(horizon - 1)') }} as opening_mrr,
        {{ rolled_forward('origin_mrr', 'factor', 'inflow', 'horizon') }} as mrr

    from prepared

)

select

    ---------- text
    scenario,

    ---------- numerics
    horizon,
    {{ rounded('opening_mrr') }} as opening_mrr,
    {{ rounded('new_mrr') }} as new_mrr,
    {{ rounded('reactivation_mrr') }} as reactivation_mrr,
    {{ rounded('opening_mrr * expansion_rate') }} as expansion_mrr,
    {{ rounded('opening_mrr * contraction_rate') }} as contraction_mrr,
    {{ rounded('opening_mrr * churn_rate') }} as churn_mrr,
    {{ rounded('mrr') }} as mrr,
    {%- for rate in rates %}
    {{ rounded(rate) }} as {{ rate }},
    {%- endfor %}
    {{ rounded('factor') }} as monthly_factor,
    {# Where more stays and grows than leaves, there is none. #}
    {{ ratio('case when factor < 1e0 then inflow end', '1e0 - factor') }} as ceiling_mrr,
    cast(months_of_history as integer) as months_of_history,

    ---------- booleans
    months_ago = 1 as is_current,

    ---------- dates
    {{ period_last_day('month', 'month_start') }} as origin_date,
    {{ months_later('month_start', 'horizon') }} as month_start,
    {{ as_of() }} as as_of_date

from rolled
