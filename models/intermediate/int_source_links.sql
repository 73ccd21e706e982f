{# How far the sources know of each other where they do not have to: a win may well have no lead. The wins and
   conversions of late are compared with those before them. #}
{% set recent_days = health_rule('linkage').recent_days %}
with

deals as (

    select * from {{ ref('stg_deals') }}
    where not is_deleted

),

leads as (

    select * from {{ ref('stg_leads') }}

),

spent as (

    select distinct channel from {{ ref('stg_spend') }}

),

{# Any lead of a person tells of the person. #}
people_with_deals as (

    select distinct leads.person_id
    from deals
    inner join leads on deals.lead_id = leads.lead_id

),

wins as (

    select
        {{ reporting_date('deals.closed_at') }} as event_date,
        leads.lead_id is not null as has_lead,
        spent.channel is not null as has_spend

    from deals
    left join leads on deals.lead_id = leads.lead_id
    left join spent on coalesce(deals.channel, leads.channel) = spent.channel

    where deals.outcome = 'won'

),

conversions as (

    select
        {{ reporting_date('leads.converted_at') }} as event_date,
        people_with_deals.person_id is not null as has_deal

    from leads
    left join people_with_deals on leads.person_id = people_with_deals.person_id

    where leads.converted_at is not null

),

linked as (

    select
        'deals' as entity,
        'lead_id' as column_name,
        event_date,
        has_lead as is_linked
    from wins

    union all

    select
        'deals' as entity,
        'channel' as column_name,
        event_date,
        has_spend as is_linked
    from wins

    union all

    select
        'leads' as entity,
        'converted_at' as column_name,
        event_date,
        has_deal as is_linked
    from conversions

),

aged as (

    select
        *,
        event_date > {{ dbt.dateadd('day', -recent_days, as_of()) }} as is_recent
    from linked
    where event_date <= {{ as_of() }}

)

select
    entity,
    column_name,
    count(case when is_recent then 1 end) as row_count,
    count(case when is_recent and is_linked then 1 end) as good_count,
    count(case when not is_recent then 1 end) as earlier_rows,
    count(case when not is_recent and is_linked then 1 end) as earlier_good

from aged

group by 1, 2
