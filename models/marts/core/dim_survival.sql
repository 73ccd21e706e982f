{# What the fit says of a customer that stayed so many months: of 100 such customers, how many stay on, and
   what each unit of MRR will still bring. The risk falls with age, because who stays is who likes to stay.
   #}
{% set months_summed = 2400 %}
with

fit as (

    select * from {{ ref('dim_churn_fit') }}

),

oldest as (

    select coalesce(max(months_since_first), 0) as oldest_age
    from {{ ref('fct_customer_months') }}

),

numbers as (

    {{ dbt.generate_series(4096) }}

),

renewals as (

    select
        numbers.generated_number as age,
        cast(fit.alpha as {{ double_type() }}) as alpha,
        cast(fit.beta as {{ double_type() }}) + numbers.generated_number - 1 as beta_of_age

    from numbers
    cross join fit

),

survival as (

    select
        age,
        sum(ln(beta_of_age) - ln(alpha + beta_of_age)) over (order by age) as log_survival
    from renewals

),

survival_from_start as (

    select
        age,
        log_survival
    from survival

    union all

    select
        0 as age,
        0e0 as log_survival
    from fit

),

survived as (

    select
        survival_from_start.age,
        survival_from_start.log_survival

    from survival_from_start
    cross join oldest

    where survival_from_start.age <= oldest.oldest_age + {{ var('survival_months_ahead') }}

),

{# The discounted expected residual lifetime: the next renewal in full, each later one a month's discount
   less, each as likely as to get there from here. #}
residual as (

    select
        survived.age,
        sum(
            exp(
                survival.log_survival - survived.log_survival
                - (survival.age - survived.age - 1) * ln(1e0 + {{ var('monthly_discount_rate') }})
            )
        ) as lifetime

    from survived
    inner join survival
        on survived.age < survival.age
        and survived.age + {{ months_summed }} >= survival.age

    group by 1

)

select
    cast(survived.age as integer) as months_survived,
    {{ amount('exp(survived.log_survival)') }} as survival_rate,
    {{ amount('exp(survived.log_survival - previous.log_survival)') }} as retention_rate,
    {{ amount('residual.lifetime') }} as residual_lifetime_months

from survived
inner join residual on survived.age = residual.age
left join survived as previous on survived.age = previous.age + 1
