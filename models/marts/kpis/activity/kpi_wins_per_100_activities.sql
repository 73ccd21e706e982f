{# Won deals for every hundred activities logged: what the volume brought. Each is counted at its own date. #}
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

won_deals as (

    select
        deal_id as record_id,
        closed_date as period_date,
        {{ slice_columns() }}
        100 as numerator,
        cast(null as integer) as denominator

    from {{ ref('fct_deals') }}

    where is_won

),

wins_and_activities as (

    select * from activities
    union all
    select * from won_deals

)

{{ kpi_from('wins_and_activities', kind='ratio') }}
