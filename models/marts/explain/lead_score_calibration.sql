{# Does a higher score mean a better chance? Qualified leads that have had the time to become customers, by
   the band of their score. #}
with

bands as (
    {%- for band, lowest in var('score_bands').items() %}

    select
        '{{ band }}' as score_band,
        {{ amount(lowest) }} as lowest_score

    union all
    {%- endfor %}

    select
        '(none)' as score_band,
        {{ amount('null') }} as lowest_score

),

leads as (

    select
        coalesce(score_band, '(none)') as score_band,
        case when became_customer then 1 else 0 end as is_customer

    from {{ ref('fct_leads') }}

    where is_qualified and {{ is_ripe('qualified_date', 'qualified to customer') }}

),

counted as (

    select
        bands.score_band,
        bands.lowest_score,
        count(leads.is_customer) as qualified_leads,
        coalesce(sum(leads.is_customer), 0) as customers

    from bands
    left join leads on bands.score_band = leads.score_band

    group by 1, 2

),

measured as (

    select
        *,
        {{ ratio('customers', 'qualified_leads') }} as win_rate,
        {{ wilson_low('customers', 'qualified_leads') }} as win_rate_low,
        {{ wilson_high('customers', 'qualified_leads') }} as win_rate_high,
        {{ ratio('sum(customers) over ()', 'sum(qualified_leads) over ()') }} as overall_win_rate

    from counted

),

compared as (

    select
        *,
        max(win_rate_low) over (
            partition by case when lowest_score is null then 0 else 1 end
            order by lowest_score
            rows between unbounded preceding and 1 preceding
        ) as best_low_of_lower_bands

    from measured

)

select

    ---------- text
    score_band,

    ---------- numerics
    lowest_score,
    cast(qualified_leads as {{ dbt.type_bigint() }}) as qualified_leads,
    cast(customers as {{ dbt.type_bigint() }}) as customers,
    win_rate,
    win_rate_low,
    win_rate_high,
    overall_win_rate,
    {{ ratio('win_rate', 'overall_win_rate') }} as lift,

    ---------- booleans
    {# A band of better scores that converts worse, by more than chance, says that the score misleads. #}
    case
        when lowest_score is not null and qualified_leads > 0
            then coalesce(win_rate_high >= best_low_of_lower_bands, true)
    end as is_monotone,

    ---------- dates
    {{ as_of() }} as as_of_date

from compared
