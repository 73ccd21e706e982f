{% set limits = {
    'is_within_5_minutes': 5,
    'is_within_1_hour': 60,
    'is_within_24_hours': 1440,
    'is_within_sla': var('response_sla_minutes'),
} %}
{% set time_zone = "coalesce(reps_zoned.time_zone, '" ~ var('reporting_time_zone') ~ "')" %}
with

waits as (

    select * from {{ ref('int_leads_answered') }}

),

leads as (

    select * from {{ ref('fct_leads') }}

),

reps as (

    select * from {{ ref('dim_reps') }}

),

reps_zoned as (

    select * from {{ ref('int_reps_zoned') }}

),

days as (

    select * from {{ ref('int_business_days') }}

),

{# Whose wait it was: the rep who was contacted, else the one who owns the lead. #}
owned as (

    select
        waits.*,
        leads.channel,
        leads.campaign,
        leads.segment,
        leads.region,
        coalesce(leads.customer_date >= {{ reporting_date('waits.inbound_at') }}, false) as became_customer,
        coalesce(contacted.rep_id, owners.rep_id) as known_rep_id,
        coalesce(contacted.rep, owners.rep) as rep,
        case when contacted.rep_id is null then owners.team else contacted.team end as team

    from waits
    inner join leads on waits.person_id = leads.lead_id
    left join reps as contacted on waits.rep_id = contacted.rep_id
    left join reps as owners on leads.rep_id = owners.rep_id

),

local as (

    select
        owned.*,
        coalesce(reps_zoned.calendar, 'all') as calendar,
        {{ local_time('owned.inbound_at', time_zone) }} as inbound_local_at,
        {{ local_time('coalesce(owned.responded_at, ' ~ as_of_end() ~ ')', time_zone) }} as waited_local_until

    from owned
    left join reps_zoned on owned.known_rep_id = reps_zoned.rep_id

),

timed as (

    select
        local.*,
        {{ minutes_between('local.inbound_at', 'local.responded_at') }} as response_minutes,
        {{ ratio(
            '(' ~ business_seconds_until('local.waited_local_until', 'waited_days') ~ ') - ('
            ~ business_seconds_until('local.inbound_local_at', 'inbound_days') ~ ')',
            60
        ) }} as business_waited_minutes,
        {{ minutes_between('local.inbound_at', 'local.captured_at') }} as captured_minutes,
        {{ minutes_between('local.inbound_at', as_of_end()) }} as minutes_so_far

    from local
    left join days as inbound_days
        on local.calendar = inbound_days.calendar
        and cast(local.inbound_local_at as date) = inbound_days.calendar_date
    left join days as waited_days
        on local.calendar = waited_days.calendar
        and cast(local.waited_local_until as date) = waited_days.calendar_date

)

select

    ---------- ids
    activity_id as response_id,
    person_id as lead_id,
    known_rep_id as rep_id,

    ---------- text
    rep,
    team,
    channel,
    campaign,
    segment,
    region,
    case
        when response_minutes <= 5 then '5 minutes'
        when response_minutes <= 60 then '1 hour'
        when response_minutes <= 1440 then '24 hours'
        when response_minutes is not null then 'later'
        when minutes_so_far < {{ var('response_sla_minutes') }} then 'pending'
        else 'never'
    end as response_band,

    ---------- numerics
    inbound_count,
    response_minutes,
    {{ amount('case when responded_at is not null then business_waited_minutes end') }} as business_response_minutes,
    coalesce(response_minutes, minutes_so_far) as waited_minutes,
    business_waited_minutes,
    captured_minutes,
    {{ ratio('captured_minutes', 60) }} as captured_hours,
    cast(extract(hour from inbound_local_at) as integer) as inbound_hour,
    mod({{ days_between("cast('1900-01-01' as date)", 'cast(inbound_local_at as date)') }}, 7) + 1
        as inbound_weekday,

    ---------- booleans
    responded_at is not null as is_responded,
    responded_at is null and minutes_so_far < {{ var('response_sla_minutes') }} as is_pending,
    {# Null while it can still come true. #}
    {%- for name, minutes in limits.items() %}
    case
        when response_minutes <= {{ minutes }} then true
        when response_minutes > {{ minutes }} or minutes_so_far >= {{ minutes }} then false
    end as {{ name }},
    {%- endfor %}
    captured_at is not null as is_captured,
    became_customer,

    ---------- dates
    {{ reporting_date('inbound_at') }} as inbound_date,

    ---------- timestamps
    inbound_at,
    responded_at,
    captured_at

from timed
