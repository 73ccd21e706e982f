{# Won deals for every hundred activities logged: what the volume brought. Each is counted at its own date, a win from
   the first month of known activities on: what brought those before is unknown. #}
with

activities as (

    select
        activity_id as record_id,
        occurred_date as period_date,
        {{ slice_columns() }}
        0 as numerator,
        1 as denominator

    from {{ ref('fct_activities') }}

),

first_activity as (

    select {{ period_start('month', 'min(period_date)') }} as first_month
    from activities

),

won_deals as (

    select
        deals.deal_id as record_id,
        deals.closed_date as period_date,
        {{ slice_columns(of='deals') }}
        100 as numerator,
        cast(null as integer) as denominator

    from {{ ref('fct_deals') }} as deals
    inner join first_activity on deals.closed_date >= first_activity.first_month

    where deals.is_won

),

wins_and_activities as (

    select * from activities
    union all
    select * from won_deals

)

{{ kpi_from('wins_and_activities', kind='ratio') }}
