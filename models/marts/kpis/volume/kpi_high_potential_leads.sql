{# Open leads with a high score: each enters the balance when it is created and leaves it when it is decided. #}
with

entered as (

    select
        lead_id as record_id,
        created_date as period_date,
        {{ slice_columns() }}
        1 as numerator,
        1 as records

    from {{ ref('fct_leads') }}

    where is_high_potential

),

left_open as (

    select
        lead_id as record_id,
        left_open_date as period_date,
        {{ slice_columns() }}
        -1 as numerator,
        -1 as records

    from {{ ref('fct_leads') }}

    where is_high_potential and left_open_date is not null

),

movements as (

    select * from entered
    union all
    select * from left_open

)

{{ kpi_from('movements', kind='balance') }}
