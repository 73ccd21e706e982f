{# How often those who buy now and then buy, and how likely each purchase is the last, fitted to how often, when
   last and for how long each has bought: the BG/NBD model (Fader, Hardie and Lee) by maximum likelihood. Each
   pass tries a grid of seven values of each of four parameters around the best point of the pass before: the
   mean rate of purchases (r / alpha), r, the mean risk that a purchase is the last (a / (a + b)), and a + b.
   The nearer to the middle the best point, the shorter the next step; one on the edge only moves the grid.
   More passes than these take DuckDB longer to plan than to run. #}
{% set passes = 12 %}
{% set reach = 3 %}
{% set days_in_week = '7e0' %}
with

buyers as (

    select
        repeat_purchases,
        recency_days,
        age_days,
        count(*) as buyers

    from {{ ref('fct_buyers') }}

    group by 1, 2, 3

),

{# Where nobody bought again, nothing says how often or for how long. #}
totals as (

    select
        sum(buyers) as buyers,
        sum(repeat_purchases * buyers) as repeat_purchases,
        max(age_days) as longest_age_days,
        sum(age_days * buyers) as age_days

    from buyers

    having sum(repeat_purchases * buyers) > 0

),

purchase_numbers as (

    {{ dbt.generate_series(4096) }}

),

{# The gamma functions of the likelihood come down to logarithms added over the repeat purchases, the first of
   all buyers, then the second, and so on; the rest is one term for each buyer. #}
evidence as (

    select
        cast(purchase_numbers.generated_number - 1 as {{ double_type() }}) as purchases_before,
        cast(null as {{ double_type() }}) as repeats,
        cast(null as {{ double_type() }}) as recency,
        cast(null as {{ double_type() }}) as age,
        cast(sum(buyers.buyers) as {{ double_type() }}) as cases

    from purchase_numbers
    inner join buyers on purchase_numbers.generated_number <= buyers.repeat_purchases

    group by 1

    union all

    select
        null as purchases_before,
        cast(repeat_purchases as {{ double_type() }}) as repeats,
        cast(recency_days as {{ double_type() }}) / {{ days_in_week }} as recency,
        cast(age_days as {{ double_type() }}) / {{ days_in_week }} as age,
        cast(buyers as {{ double_type() }}) as cases

    from buyers

),

places as (

    {{ dbt.generate_series(2 * reach + 1) }}

),

grid as (

    select
        rates.generated_number - {{ reach + 1 }} as rate_place,
        shapes.generated_number - {{ reach + 1 }} as shape_place,
        risks.generated_number - {{ reach + 1 }} as risk_place,
        sizes.generated_number - {{ reach + 1 }} as size_place

    from places as rates
    cross join places as shapes
    cross join places as risks
    cross join places as sizes

),

best_0 as (

    select
        ln(
            cast(repeat_purchases as {{ double_type() }})
            / cast(greatest(age_days, 1) as {{ double_type() }}) * {{ days_in_week }}
        ) as log_rate,
        0e0 as log_shape,
        ln(0.3e0) as log_risk,
        ln(2e0) as log_size,
        0e0 as log_likelihood,
        1e0 as step

    from totals

),
{%- for pass in range(1, passes + 1) %}

points_{{ pass }} as (

    select
        best_{{ pass - 1 }}.step,
        best_{{ pass - 1 }}.log_rate + grid.rate_place * best_{{ pass - 1 }}.step as log_rate,
        {# Bounds, for data that know none: rates that hardly differ, customers that never leave. #}
        least(greatest(
            best_{{ pass - 1 }}.log_shape + grid.shape_place * best_{{ pass - 1 }}.step, ln(0.01e0)
        ), ln(20e0)) as log_shape,
        least(greatest(
            best_{{ pass - 1 }}.log_risk + grid.risk_place * best_{{ pass - 1 }}.step, ln(0.0001e0)
        ), ln(0.99e0)) as log_risk,
        least(greatest(
            best_{{ pass - 1 }}.log_size + grid.size_place * best_{{ pass - 1 }}.step, ln(0.01e0)
        ), ln(100e0)) as log_size,
        greatest(
            abs(grid.rate_place), abs(grid.shape_place), abs(grid.risk_place), abs(grid.size_place)
        ) as distance

    from best_{{ pass - 1 }}
    cross join grid

),

parameters_{{ pass }} as (

    select
        *,
        exp(log_shape) as r,
        exp(log_shape - log_rate) as alpha,
        exp(log_size + log_risk) as a,
        exp(log_size) * (1e0 - exp(log_risk)) as b
    from points_{{ pass }}

),

{# Who bought again may have stopped at the last purchase, or not yet bought the next: how much likelier the
   one is than the other, as a logarithm. #}
odds_{{ pass }} as (

    select
        parameters_{{ pass }}.*,
        evidence.purchases_before,
        evidence.repeats,
        evidence.age,
        evidence.cases,
        case
            when evidence.repeats > 0
                then
                    ln(parameters_{{ pass }}.a) - ln(parameters_{{ pass }}.b + evidence.repeats - 1)
                    + (parameters_{{ pass }}.r + evidence.repeats) * (
                        ln(parameters_{{ pass }}.alpha + evidence.age)
                        - ln(parameters_{{ pass }}.alpha + evidence.recency)
                    )
        end as log_odds

    from parameters_{{ pass }}
    cross join evidence

),

likelihoods_{{ pass }} as (

    select
        step,
        log_rate,
        log_shape,
        log_risk,
        log_size,
        distance,
        sum(cases * case
            when purchases_before is not null
                then ln(r + purchases_before) + ln(b + purchases_before) - ln(a + b + purchases_before)
            else
                r * ln(alpha) - (r + repeats) * ln(alpha + age)
                + coalesce(
                    greatest(log_odds, 0e0) + ln(1e0 + exp(greatest(-abs(log_odds), -700e0))), 0e0
                )
        end) as log_likelihood

    from odds_{{ pass }}

    group by 1, 2, 3, 4, 5, 6

),

ranked_{{ pass }} as (

    select
        *,
        row_number() over (
            order by log_likelihood desc, distance asc, log_rate asc, log_shape asc, log_risk asc, log_size asc
        ) as place
    from likelihoods_{{ pass }}

),

best_{{ pass }} as (

    select
        log_rate,
        log_shape,
        log_risk,
        log_size,
        log_likelihood,
        case
            when distance <= 1 then step / {{ reach }}
            when distance < {{ reach }} then step / 2
            else step
        end as step
    from ranked_{{ pass }}
    where place = 1

){{ ',' if not loop.last }}
{%- endfor %}
{%- set best = 'best_' ~ passes %}

select
    {{ amount('exp(' ~ best ~ '.log_shape)') }} as r,
    {{ amount('exp(' ~ best ~ '.log_shape - ' ~ best ~ '.log_rate)') }} as alpha,
    {{ amount('exp(' ~ best ~ '.log_size + ' ~ best ~ '.log_risk)') }} as a,
    {{ amount('exp(' ~ best ~ '.log_size) * (1e0 - exp(' ~ best ~ '.log_risk))') }} as b,
    {{ amount(best ~ '.log_likelihood') }} as log_likelihood,
    {{ amount(best ~ '.step') }} as last_step,
    cast(totals.buyers as {{ dbt.type_bigint() }}) as buyers,
    cast(totals.repeat_purchases as {{ dbt.type_bigint() }}) as repeat_purchases

from {{ best }}
cross join totals
