{# How the risk of leaving is spread over customers, fitted to who renewed and who left at each age: the
   shifted-beta-geometric model (Fader and Hardie) by maximum likelihood. Each pass tries a grid of mean
   churn by concentration (alpha + beta) around the best point of the pass before, with a quarter of the
   step: five steps of the pass before on every side. The likelihood is a long flat ridge, on which the best
   point of a grid may be several steps from the summit; a tenth of the step, two on a side, missed it. #}
{% set passes = 8 %}
{% set reach = 20 %}
with

customer_months as (

    select * from {{ ref('fct_customer_months') }}
    where is_first_spell and was_customer and is_complete_month

),

ages as (

    select
        months_since_first as age,
        sum(case when is_customer then 1 else 0 end) as renewed,
        sum(case when is_customer then 0 else 1 end) as lost

    from customer_months

    group by 1

),

totals as (

    select
        sum(renewed) as renewals,
        sum(lost) as losses,
        max(age) as longest_age
    from ages

),

{# Where nobody left, or nobody stayed, there is no spread to fit. #}
fitted_ages as (

    select
        cast(ages.age as {{ double_type() }}) as age,
        cast(ages.renewed as {{ double_type() }}) as renewed,
        cast(ages.lost as {{ double_type() }}) as lost

    from ages
    cross join totals

    where totals.renewals > 0 and totals.losses > 0

),

numbers as (

    {{ dbt.generate_series(2 * reach + 1) }}

),

places as (

    select generated_number - {{ reach + 1 }} as place
    from numbers

),

grid as (

    select
        mean_places.place as mean_place,
        size_places.place as size_place
    from places as mean_places
    cross join places as size_places

),

{# The first pass spans mean churn from 0.0001 to 1 and concentrations from 0.01 to 10,000. #}
best_0 as (

    select
        ln(0.01e0) as log_mean,
        ln(10e0) as log_size
),
{%- for pass in range(1, passes + 1) %}
{%- set step = 1 / 4 ** (pass - 1) %}

points_{{ pass }} as (

    select
        least(
            best_{{ pass - 1 }}.log_mean + grid.mean_place * {{ '%.17f' % (0.23 * step) }}e0,
            -1e-9
        ) as log_mean,
        best_{{ pass - 1 }}.log_size + grid.size_place * {{ '%.17f' % (0.345 * step) }}e0 as log_size

    from best_{{ pass - 1 }}
    cross join grid

),

shapes_{{ pass }} as (

    select
        log_mean,
        log_size,
        exp(log_mean + log_size) as alpha,
        exp(log_size) * (1e0 - exp(log_mean)) as beta
    from points_{{ pass }}

),

likelihoods_{{ pass }} as (

    select
        shapes_{{ pass }}.log_mean,
        shapes_{{ pass }}.log_size,
        sum(
            fitted_ages.lost * ln(shapes_{{ pass }}.alpha)
            + fitted_ages.renewed * ln(shapes_{{ pass }}.beta + fitted_ages.age - 1)
            - (fitted_ages.lost + fitted_ages.renewed)
            * ln(shapes_{{ pass }}.alpha + shapes_{{ pass }}.beta + fitted_ages.age - 1)
        ) as log_likelihood

    from shapes_{{ pass }}
    cross join fitted_ages

    group by 1, 2

),

ranked_{{ pass }} as (

    select
        *,
        row_number() over (order by log_likelihood desc, log_mean asc, log_size asc) as place
    from likelihoods_{{ pass }}

),

best_{{ pass }} as (

    select
        log_mean,
        log_size,
        log_likelihood
    from ranked_{{ pass }}
    where place = 1

){{ ',' if not loop.last }}
{%- endfor %}

select
    {{ amount('exp(best_' ~ passes ~ '.log_mean + best_' ~ passes ~ '.log_size)') }} as alpha,
    {{ amount('exp(best_' ~ passes ~ '.log_size) * (1e0 - exp(best_' ~ passes ~ '.log_mean))') }} as beta,
    {{ amount('best_' ~ passes ~ '.log_likelihood') }} as log_likelihood,
    cast(totals.renewals as {{ dbt.type_bigint() }}) as renewals,
    cast(totals.losses as {{ dbt.type_bigint() }}) as losses,
    cast(totals.longest_age as integer) as longest_age

from best_{{ passes }}
cross join totals
