select distinct
    cast(holiday_date as date) as holiday_date,
    case when lower(trim(team)) = 'all' then 'all' else trim(team) end as team

from {{ ref('holidays') }}

where holiday_date is not null
