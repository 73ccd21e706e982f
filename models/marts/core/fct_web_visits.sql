with

visits as (

    select * from {{ ref('stg_web_visits') }}
    where visit_date <= {{ as_of() }}

)

select

    ---------- ids
    cast(web_visit_id as {{ dbt.type_bigint() }}) as web_visit_id,

    ---------- text
    channel,
    campaign,

    ---------- numerics
    visits,

    ---------- dates
    visit_date

from visits
