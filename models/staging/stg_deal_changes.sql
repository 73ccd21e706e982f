with

accepted as (

    select * from {{ ref('stg_deal_changes__checked') }}
    where rejection_code is null

)

select

    ---------- ids
    deal_id,
    owner_id as rep_id,

    ---------- text
    known_stage as stage,
    outcome,

    ---------- numerics
    amount,

    ---------- dates
    expected_close_date,

    ---------- timestamps
    changed_at,
    coalesce(recorded_at, changed_at) as recorded_at

from accepted
