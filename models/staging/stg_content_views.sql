select
    view_id,
    viewed_at,
    content_type,
    content_id,
    lead_id,
    rep_id,
    sent_at,
    length_seconds,
    watched_seconds,
    is_bot

from {{ ref('stg_content_views__checked') }}

where rejection_code is null
