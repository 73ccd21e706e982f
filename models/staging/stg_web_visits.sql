select
    visit_date,
    visits,
    channel,
    campaign

from {{ ref('stg_web_visits__checked') }}

where rejection_code is null
