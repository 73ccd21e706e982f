{# Of the cells that point to a row of another source, those whose row is there, even if it could not be used. Only
   between sources that have rows: a company without accounts has no orphans of accounts. #}
{% set judged = judged_keys(var('entities') | list) %}
{% set parents = judged.values() | map('dictsort') | sum(start=[]) | map(attribute='1.parent') | unique | list %}
with

{%- for parent in parents %}

known_{{ parent }} as (

    select distinct {{ key_column(parent) }} as known_id
    from {{ ref('stg_' ~ parent ~ '__checked') }}
    where {{ key_column(parent) }} is not null

),
{%- endfor %}

{%- for entity, columns in judged.items() %}

counted_{{ entity }} as (

    select
        {{ share_counts(entity, columns) }}

    from {{ ref('stg_' ~ entity ~ '__checked') }} as {{ entity }}
    {{ joined_parents(entity, columns) }}

    where {{ entity }}.rejection_code is null

),
{%- endfor %}

present as (

    select entity
    from {{ ref('int_source_rows') }}
    where raw_rows > 0

),

shares as (

    {{ shares_as_rows(judged) }}

),

pointed as (

    select
        *,
        case
            {%- for entity, columns in judged.items() %}
            {%- for column, rule in columns.items() %}
            when entity = '{{ entity }}' and column_name = '{{ column }}' then '{{ rule.parent }}'
            {%- endfor %}
            {%- endfor %}
        end as parent_entity

    from shares

)

select
    pointed.entity,
    pointed.column_name,
    pointed.row_count,
    pointed.good_count,
    pointed.parent_entity

from pointed
inner join present on pointed.parent_entity = present.entity
