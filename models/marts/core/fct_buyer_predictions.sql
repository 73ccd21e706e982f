{# What the fit says of those who buy now and then: whether each will come again at all, and how often. What the
   model calls a conditional expectation holds a Gaussian hypergeometric function. Of its two forms this one
   (Euler's) falls with every term and divides by nothing that may be 0 but a - 1, which has a limit. #}
{% set terms_summed = 1024 %}
{% set days_in_week = '7e0' %}
{% set weeks_ahead = 'cast(' ~ var('purchase_weeks_ahead') ~ ' as ' ~ double_type() ~ ')' %}
with

buyers as (

    select * from {{ ref('fct_buyers') }}

),

fit as (

    select
        cast(r as {{ double_type() }}) as r,
        cast(alpha as {{ double_type() }}) as alpha,
        cast(a as {{ double_type() }}) as a,
        cast(b as {{ double_type() }}) as b
    from {{ ref('dim_purchase_fit') }}

),

histories as (

    select distinct
        repeat_purchases,
        recency_days,
        age_days
    from buyers

),

measured as (

    select
        histories.repeat_purchases,
        histories.recency_days,
        histories.age_days,
        fit.r,
        fit.a,
        fit.b,
        fit.r + histories.repeat_purchases as purchases_seen,
        fit.alpha + cast(histories.recency_days as {{ double_type() }}) / {{ days_in_week }} as weeks_bought,
        fit.alpha + cast(histories.age_days as {{ double_type() }}) / {{ days_in_week }} as weeks_seen,
        {{ weeks_ahead }} as weeks_ahead

    from histories
    cross join fit

),

{# The last purchase may have been the end of it: how much likelier than not, as a logarithm. Who has not
   bought again is not known to have stopped. #}
weighed as (

    select
        *,
        a + b + repeat_purchases - 1 as upper_shape,
        a + b - 1 - r as lower_shape,
        ln(weeks_ahead) - ln(weeks_seen + weeks_ahead) as log_ahead,
        ln(weeks_seen) - ln(weeks_seen + weeks_ahead) as log_seen,
        case
            when repeat_purchases > 0
                then ln(a) - ln(b + repeat_purchases - 1) + purchases_seen * (ln(weeks_seen) - ln(weeks_bought))
            else -700e0
        end as log_odds_of_end

    from measured

),

numbers as (

    {{ dbt.generate_series(terms_summed) }}

),

ages as (

    select distinct
        repeat_purchases,
        age_days,
        a,
        upper_shape,
        lower_shape,
        log_ahead
    from weighed

),

{# Each term of the series is the one before times a factor; the first factors may be negative. #}
factors as (

    select
        ages.repeat_purchases,
        ages.age_days,
        numbers.generated_number as term,
        case when ages.lower_shape + numbers.generated_number < 1 then 1 else 0 end as is_negative,
        ln(greatest(abs(ages.lower_shape + numbers.generated_number - 1), 1e-300))
        - ln(cast(numbers.generated_number as {{ double_type() }}))
        + ages.log_ahead
        + case
            when numbers.generated_number > 1
                then
                    ln(ages.a + numbers.generated_number - 2)
                    - ln(ages.upper_shape + numbers.generated_number - 1)
            else 0e0
        end as log_factor

    from ages
    cross join numbers

),

terms as (

    select
        repeat_purchases,
        age_days,
        sum(log_factor) over so_far as log_term,
        sum(is_negative) over so_far as negatives

    from factors

    window so_far as (partition by repeat_purchases, age_days order by term)

),

series as (

    select
        repeat_purchases,
        age_days,
        sum(
            case when mod(cast(negatives as integer), 2) = 1 then -1e0 else 1e0 end
            * exp(greatest(log_term, -700e0))
        ) as total

    from terms

    group by 1, 2

),

expected as (

    select
        weighed.repeat_purchases,
        weighed.recency_days,
        weighed.age_days,
        1e0 / (1e0 + exp(least(greatest(weighed.log_odds_of_end, -700e0), 700e0))) as alive_probability,
        case
            when abs(weighed.a - 1) < 1e-6
                then -weighed.upper_shape * weighed.log_seen - series.total
            else
                weighed.upper_shape * (1e0 - exp(greatest((weighed.a - 1) * weighed.log_seen, -700e0)))
                / nullif(weighed.a - 1, 0)
                - exp(greatest((weighed.a - 1) * weighed.log_seen, -700e0)) * series.total
        end as purchases_if_alive

    from weighed
    inner join series
        on weighed.repeat_purchases = series.repeat_purchases
        and weighed.age_days = series.age_days

)

select

    ---------- ids
    buyers.customer_id,

    ---------- text
    buyers.rep,
    buyers.team,
    buyers.channel,
    buyers.campaign,
    buyers.segment,
    buyers.region,

    ---------- numerics
    {{ amount('expected.alive_probability') }} as alive_probability,
    {{ amount('expected.alive_probability * expected.purchases_if_alive') }} as expected_purchases,
    {{ amount('expected.alive_probability * expected.purchases_if_alive * buyers.average_purchase_amount') }}
        as expected_value,

    ---------- booleans
    buyers.is_repeat_buyer,

    ---------- dates
    buyers.first_purchase_date,
    buyers.as_of_date

from buyers
left join expected
    on buyers.repeat_purchases = expected.repeat_purchases
    and buyers.recency_days = expected.recency_days
    and buyers.age_days = expected.age_days
