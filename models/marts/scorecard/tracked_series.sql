{# How many numbers are tracked, and how many of them are good: defined, targeted, regular, from a healthy source, and
   no volume of activity. #}
with

cards as (

    select * from {{ ref('kpis') }}

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

targets as (

    select * from {{ ref('fct_targets') }}

),

sources as (

    select * from {{ ref('kpi_source_status') }}

),

tracked as (

    select
        as_of_date,
        kpi,
        slice,
        slice_value,
        count(value) as values_known

    from kpi_values

    group by as_of_date, kpi, slice, slice_value

),

targeted as (

    select distinct
        kpi,
        slice,
        slice_value
    from targets

),

examined as (

    select
        tracked.*,
        coalesce(cards.is_activity_volume, false) as is_activity_volume,
        cards.kpi is not null as has_card,
        cards.frequency is not null as has_frequency,
        targeted.kpi is not null as has_target,
        coalesce(sources.source_status, 'grey') as source_status

    from tracked
    left join cards on tracked.kpi = cards.kpi
    left join targeted
        on tracked.kpi = targeted.kpi
        and tracked.slice = targeted.slice
        and tracked.slice_value = targeted.slice_value
    left join sources on tracked.kpi = sources.kpi

)

select
    as_of_date,
    kpi,
    slice,
    slice_value,
    cast(values_known as {{ dbt.type_bigint() }}) as values_known,
    has_card,
    has_target,
    has_frequency,
    source_status,
    is_activity_volume,
    has_card
    and has_target
    and has_frequency
    and source_status in ('green', 'amber')
    and not is_activity_volume
    and values_known > 0 as is_good

from examined
