{# Who has looked at what we sent and has heard from nobody since, the most recent first. The occasion is the first
   view since the last contact: the views after it are the same occasion, and keep its id and its due date. #}
{% set days = var('worklists').occasion_days %}
with

views as (

    select * from {{ ref('fct_content_views') }}
    where
        is_view
        and awaits_follow_up
        and {{ dbt.dateadd('day', days, 'viewed_date') }} > {{ as_of() }}

),

{# A customer who looks at something new is followed up too; who said no is left alone. #}
leads as (

    select * from {{ ref('fct_leads') }}
    where journey_stage not in ('lost', 'disqualified')

),

ordered as (

    select
        views.*,
        leads.journey_stage,
        leads.potential_amount,
        row_number() over (partition by views.lead_id order by views.viewed_at, views.view_id) as view_number,
        count(*) over (partition by views.lead_id) as views,
        max(views.viewed_at) over (partition by views.lead_id) as last_viewed_at,
        cast({{ dbt.dateadd('day', var('follow_up_days'), 'views.viewed_date') }} as date) as due_date,
        coalesce(views.rep, '(none)') as worked_by

    from views
    inner join leads on views.lead_id = leads.lead_id

),

occasions as (

    select * from ordered
    where view_number = 1

)

select

    ---------- ids
    view_id,
    lead_id,

    ---------- text
    worked_by as rep,
    journey_stage,

    ---------- numerics
    {%- for place, partition in {'place': '', 'place_of_rep': 'partition by worked_by '}.items() %}
    cast(
        row_number() over ({{ partition }}order by last_viewed_at desc, view_id asc) as {{ dbt.type_bigint() }}
    ) as {{ place }},
    {%- endfor %}
    cast(views as {{ dbt.type_bigint() }}) as views,
    {{ minutes_between('last_viewed_at', as_of_end()) }} as minutes_since_view,
    potential_amount,

    ---------- booleans
    due_date <= {{ as_of() }} as is_overdue,

    ---------- dates
    viewed_date,
    {{ reporting_date('last_viewed_at') }} as last_viewed_date,
    due_date,
    {{ as_of() }} as as_of_date,

    ---------- timestamps
    viewed_at,
    last_viewed_at

from occasions
