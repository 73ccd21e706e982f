select
    meeting_id,
    requested_at,
    rescheduled_from_id,
    lead_id,
    deal_id,
    rep_id,
    scheduled_for,
    response,
    responded_at,
    final_status

from {{ ref('stg_meetings__checked') }}

where rejection_code is null
