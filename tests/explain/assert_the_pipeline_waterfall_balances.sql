{# I08: what was there, what came in and grew, less what left and shrank, is what is there: for each deal and for each
   slice, to the last digit. Openings and closings are snapshots, the rest are events: neither is the other's plug. #}
with

rows_of_both as (

    select
        scope,
        period_grain,
        period_start,
        'deal' as slice,
        deal_id as slice_value,
        opening + created + reopened + pulled_in - pushed_out + revalued + exchange - won - lost - deleted as balance,
        closing
    from {{ ref('pipeline_waterfall_deals') }}

    union all

    select
        scope,
        period_grain,
        period_start,
        slice,
        slice_value,
        opening + created + reopened + pulled_in - pushed_out + revalued + exchange - won - lost - deleted
        + moved_in - moved_out as balance,
        closing
    from {{ ref('pipeline_waterfall') }}

)

select * from rows_of_both
where balance != closing
