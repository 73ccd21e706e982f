{# Where every raw row went. The three parts are counted where they ended up, not where they came from. #}
with

raw_rows as (
    {%- for entity in var('entities') %}

    select
        '{{ entity }}' as entity,
        count(*) as raw_rows
    from {{ ref('base_' ~ entity) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

rejected_rows as (

    select
        entity,
        count(*) as rejected_rows
    from {{ ref('rejected_rows') }}
    group by 1

),

{# A lead of a person who already was one is merged into the first; two rates for one day into one. #}
staged_rows as (

    select
        'leads' as entity,
        count(case when lead_id = person_id then 1 end) as staged_rows,
        count(case when lead_id != person_id then 1 end) as merged_rows
    from {{ ref('stg_leads') }}

    union all

    select
        'currency_rates' as entity,
        count(*) as staged_rows,
        coalesce(sum(rate_count), 0) - count(*) as merged_rows
    from {{ ref('stg_currency_rates') }}
    {%- for entity in var('entities') if entity not in ('leads', 'currency_rates') %}

    union all

    select
        '{{ entity }}' as entity,
        count(*) as staged_rows,
        0 as merged_rows
    from {{ ref('stg_' ~ entity) }}
    {%- endfor %}

)

select
    raw_rows.entity,
    cast(raw_rows.raw_rows as {{ dbt.type_bigint() }}) as raw_rows,
    cast(staged_rows.staged_rows as {{ dbt.type_bigint() }}) as staged_rows,
    cast(coalesce(rejected_rows.rejected_rows, 0) as {{ dbt.type_bigint() }}) as rejected_rows,
    cast(staged_rows.merged_rows as {{ dbt.type_bigint() }}) as merged_rows

from raw_rows
inner join staged_rows on raw_rows.entity = staged_rows.entity
left join rejected_rows on raw_rows.entity = rejected_rows.entity
