{# What two sources say of the same thing, record by record, where a company has both: the list to go through with those
   who keep them. Customers have a list of their own, customer_reconciliation. #}
{% set grace_date = dbt.dateadd('day', -health_rule('reconciliation').grace_days, as_of()) %}
with

{# A lead that was marked as converted became a deal. It is no third witness to a customer: most deals are lost. #}
leads as (

    select
        'converted leads' as subject,
        'leads' as first_entity,
        'deals' as second_entity,
        lead_id as record_id,
        rep,
        converted_date is not null as is_in_first,
        deal_count > 0 as is_in_second,
        {{ amount('null') }} as first_amount,
        {{ amount('null') }} as second_amount,
        converted_date as first_date,
        first_deal_date as second_date

    from {{ ref('fct_leads') }}

    where converted_date is not null or deal_count > 0

),

held_meetings as (

    select
        lead_id,
        scheduled_date as meeting_date,
        max(rep) as rep
    from {{ ref('fct_meetings') }}
    where is_held and lead_id is not null and scheduled_date is not null
    group by 1, 2

),

logged_meetings as (

    select
        lead_id,
        occurred_date as meeting_date,
        max(rep) as rep
    from {{ ref('fct_activities') }}
    where {{ is_word_of('activity_type', var('meeting_types')) }} and not is_undelivered and lead_id is not null
    group by 1, 2

),

{# Two meetings with one lead on one day are one record: no source says which is which. #}
meetings as (

    select
        'meetings held' as subject,
        'meetings' as first_entity,
        'activities' as second_entity,
        {{ dbt.concat([
            'coalesce(held_meetings.lead_id, logged_meetings.lead_id)',
            "' '",
            'cast(coalesce(held_meetings.meeting_date, logged_meetings.meeting_date) as ' ~ dbt.type_string() ~ ')',
        ]) }} as record_id,
        coalesce(held_meetings.rep, logged_meetings.rep) as rep,
        held_meetings.lead_id is not null as is_in_first,
        logged_meetings.lead_id is not null as is_in_second,
        {{ amount('null') }} as first_amount,
        {{ amount('null') }} as second_amount,
        held_meetings.meeting_date as first_date,
        logged_meetings.meeting_date as second_date

    from held_meetings
    full outer join logged_meetings
        on held_meetings.lead_id = logged_meetings.lead_id
        and held_meetings.meeting_date = logged_meetings.meeting_date

),

won as (

    select
        customer_id,
        max(rep) as rep,
        sum(won_amount) as won_amount,
        min(closed_date) as won_date
    from {{ ref('fct_deals') }}
    where is_won
    group by 1

),

{# Who got all of it back has paid nothing. #}
paid as (

    select
        customer_id,
        max(rep) as rep,
        sum(amount) as paid_amount,
        min(paid_date) as paid_date
    from {{ ref('fct_payments') }}
    group by 1
    having coalesce(sum(amount), 1) > 0

),

{# What was agreed and what was paid so far are not one amount: the record is the account, the amounts stand beside
   it. #}
revenue as (

    select
        'won revenue' as subject,
        'deals' as first_entity,
        'payments' as second_entity,
        coalesce(won.customer_id, paid.customer_id) as record_id,
        coalesce(won.rep, paid.rep) as rep,
        won.customer_id is not null as is_in_first,
        paid.customer_id is not null as is_in_second,
        {{ amount('won.won_amount') }} as first_amount,
        {{ amount('paid.paid_amount') }} as second_amount,
        won.won_date as first_date,
        paid.paid_date as second_date

    from won
    full outer join paid on won.customer_id = paid.customer_id

),

records as (

    select * from leads
    union all
    select * from meetings
    union all
    select * from revenue

),

{# One source alone confirms nothing and contradicts nothing. #}
compared as (

    select
        *,
        case when second_date < first_date then second_date else coalesce(first_date, second_date) end as seen_date,
        sum(case when is_in_first then 1 else 0 end) over (partition by subject) as first_count,
        sum(case when is_in_second then 1 else 0 end) over (partition by subject) as second_count
    from records

),

judged as (

    select
        *,
        is_in_first and is_in_second as is_matched,
        not (is_in_first and is_in_second) and coalesce(seen_date > {{ grace_date }}, false) as is_too_recent
    from compared
    where first_count > 0 and second_count > 0

)

select

    ---------- ids
    record_id,

    ---------- text
    subject,
    first_entity,
    second_entity,
    rep,
    case
        when is_matched then 'both'
        when is_in_first then first_entity
        else second_entity
    end as seen_by,
    case
        when is_matched then 'matched'
        when is_too_recent then 'too recent to judge'
        when subject = 'converted leads' and is_in_first then 'converted, and no deal'
        when subject = 'converted leads' then 'a deal, and never marked as converted'
        when subject = 'meetings held' and is_in_first then 'held, and not logged'
        when subject = 'meetings held' then 'logged, and no meeting held'
        when is_in_first then 'won, and nothing paid'
        else 'paid, and never won'
    end as finding,

    ---------- numerics
    first_amount,
    second_amount,

    ---------- booleans
    is_in_first,
    is_in_second,
    is_matched,
    is_too_recent,

    ---------- dates
    first_date,
    second_date

from judged
