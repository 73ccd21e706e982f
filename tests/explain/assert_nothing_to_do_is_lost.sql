{# Whatever is in a list is in the worklist, or its lead or deal has something more urgent there; nothing else is. #}
with

listed as (

    select
        lead_id,
        cast(null as {{ dbt.type_string() }}) as deal_id
    from {{ ref('leads_waiting') }}

    union all

    select
        lead_id,
        null as deal_id
    from {{ ref('views_to_follow_up') }}

    union all

    select
        lead_id,
        null as deal_id
    from {{ ref('lead_worklist') }}

    union all

    select
        lead_id,
        case when lead_id is null then deal_id end as deal_id
    from {{ ref('stale_deals') }}

),

expected as (

    select distinct
        lead_id,
        deal_id
    from listed

),

found as (

    select distinct
        lead_id,
        case when lead_id is null then entity_id end as deal_id
    from {{ ref('worklist') }}

)

select
    expected.lead_id as expected_lead_id,
    expected.deal_id as expected_deal_id,
    found.lead_id,
    found.deal_id

from expected
full outer join found
    on coalesce(expected.lead_id, '') = coalesce(found.lead_id, '')
    and coalesce(expected.deal_id, '') = coalesce(found.deal_id, '')

where coalesce(expected.lead_id, expected.deal_id) is null or coalesce(found.lead_id, found.deal_id) is null
