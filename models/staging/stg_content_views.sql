with

accepted as (

    select * from {{ ref('stg_content_views__checked') }}
    where rejection_code is null

),

leads as (

    select
        lead_id,
        person_id
    from {{ ref('stg_leads') }}

),

test_leads as (

    select distinct lead_id
    from {{ ref('stg_leads__checked') }}
    where rejection_code = 'test_record'

)

select

    ---------- ids
    accepted.view_id,
    accepted.content_id,
    accepted.lead_id,
    leads.person_id,
    accepted.rep_id,

    ---------- text
    lower(accepted.content_type) as content_type,

    ---------- numerics
    accepted.length_seconds,
    accepted.watched_seconds,

    ---------- booleans
    coalesce(accepted.is_bot, false) as is_bot,
    {# Our own people, looking at what they are about to send. #}
    test_leads.lead_id is not null as is_test,

    ---------- timestamps
    accepted.sent_at,
    accepted.viewed_at

from accepted
left join leads on accepted.lead_id = leads.lead_id
left join test_leads on accepted.lead_id = test_leads.lead_id
