{{ config(materialized='table') }}

{# When the rows of each source happened, up to the as-of date, in one scan of each. #}
{% set events = event_columns(var('entities')) %}
with

happened as (
    {%- for entity, column in events.items() %}

    select
        '{{ entity }}' as entity,
        {%- if is_timestamp(entity, column) %}
        {{ reporting_date(column) }} as event_date,
        {{ column }} as event_at
        {%- else %}
        {{ column }} as event_date,
        {{ from_zone_to_utc('cast(' ~ column ~ ' as ' ~ dbt.type_timestamp() ~ ')', var('reporting_time_zone')) }}
            as event_at
        {%- endif %}
    from {{ ref('stg_' ~ entity ~ '__checked') }}
    where rejection_code is null
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select
    entity,
    event_date,
    count(*) as row_count,
    max(event_at) as last_event_at

from happened

where event_date <= {{ as_of() }}

group by 1, 2
