{# What was spent to generate leads some months before (var cac_lag_months, as long as a deal takes), for
   each deal won. Wins before the first month whose earlier spend is known are left out: their cost is unknown,
   not zero. #}
{% set slices = slices_of('channel', 'campaign') %}
{% set lag = var('cac_lag_months') %}
with

lagged_spend as (

    select
        cast(spend_id as {{ dbt.type_string() }}) as record_id,
        cast({{ dbt.dateadd('month', lag, period_start('month', 'spend_date')) }} as date) as period_date,
        {{ slice_columns(slices) }}
        lead_generation_amount as numerator,
        cast(null as integer) as denominator

    from {{ ref('fct_spend') }}

),

first_known as (

    select min(period_date) as first_month from lagged_spend

),

won_deals as (

    select
        fct_deals.deal_id as record_id,
        fct_deals.closed_date as period_date,
        {{ slice_columns(slices, of='fct_deals') }}
        0 as numerator,
        1 as denominator

    from {{ ref('fct_deals') }} as fct_deals
    inner join first_known on fct_deals.closed_date >= first_known.first_month

    where fct_deals.is_won

),

acquisition as (

    select * from lagged_spend
    union all
    select * from won_deals

)

{{ kpi_from('acquisition', kind='ratio', slices=slices, whole_months=true) }}
