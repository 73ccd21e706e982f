{# What the open leads may bring, by the estimate of each lead, else by its open deals. A lead's estimate
   counts from the day it was created to the day it was decided. #}
with

entered as (

    select
        lead_id as record_id,
        created_date as period_date,
        {{ slice_columns() }}
        potential_amount as numerator,
        1 as records

    from {{ ref('fct_leads') }}

    where potential_amount is not null

),

left_open as (

    select
        lead_id as record_id,
        left_open_date as period_date,
        {{ slice_columns() }}
        -potential_amount as numerator,
        -1 as records

    from {{ ref('fct_leads') }}

    where potential_amount is not null and left_open_date is not null

),

movements as (

    select * from entered
    union all
    select * from left_open

)

{{ kpi_from('movements', kind='balance') }}
