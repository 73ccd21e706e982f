select
    rep_id,
    rep_name,
    team,
    manager_id,
    time_zone,
    active_from,
    active_to

from {{ ref('stg_reps__checked') }}

where rejection_code is null
