select
    activity_id,
    occurred_at,
    activity_type,
    direction,
    lead_id,
    deal_id,
    rep_id,
    channel,
    is_automated,
    duration_seconds,
    outcome

from {{ ref('stg_activities__checked') }}

where rejection_code is null
