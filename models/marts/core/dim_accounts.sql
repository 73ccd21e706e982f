with

accounts as (

    select * from {{ ref('stg_accounts') }}

),

{# An account that only a deal knows is an account all the same. #}
seen as (

    select account_id from accounts
    union distinct
    select account_id from {{ ref('stg_deals') }}

)

select
    seen.account_id,
    coalesce(accounts.account_name, seen.account_id) as account_name,
    coalesce(accounts.segment, {{ segment_of('accounts.employee_count') }}) as segment,
    accounts.industry,
    accounts.employee_count,
    accounts.country,
    accounts.region,
    accounts.account_id is null as is_inferred

from seen
left join accounts on seen.account_id = accounts.account_id

where seen.account_id is not null
