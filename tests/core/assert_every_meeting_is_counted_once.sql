{# I17: what was asked for was accepted, declined, expired, pending or withdrawn, each once; and every
   invitation that was sent is in one meeting. #}
with

meetings as (

    select
        meeting_id,
        move_count,
        case when is_accepted then 1 else 0 end
        + case when is_declined then 1 else 0 end
        + case when is_expired then 1 else 0 end
        + case when is_pending then 1 else 0 end
        + case when is_withdrawn then 1 else 0 end as answers

    from {{ ref('fct_meetings') }}

),

invitations as (

    select count(*) as sent
    from {{ ref('stg_meetings') }}
    where {{ reporting_date('requested_at') }} <= {{ as_of() }}

),

counted as (

    select coalesce(sum(move_count + 1), 0) as counted
    from meetings

)

select
    meeting_id,
    answers as found,
    1 as expected
from meetings
where answers != 1

union all

select
    'all invitations' as meeting_id,
    counted.counted as found,
    invitations.sent as expected
from counted
cross join invitations
where counted.counted != invitations.sent
