{# Of the rows that should fill a column, those that do, for the columns that a KPI needs. Tests and repeated rows are
   left out: they were not wanted. A cell that cannot be read is as good as empty. #}
{% set judged = judged_cells(var('entities')) %}
with

needs as (

    select * from {{ ref('kpi_sources') }}

),

{%- for entity, columns in judged.items() %}

counted_{{ entity }} as (

    select
        {{ share_counts(entity, columns) }}
    from {{ ref('stg_' ~ entity ~ '__checked') }}
    where coalesce(rejection_code, 'none') not in ('test_record', 'duplicate_id')

),
{%- endfor %}

shares as (

    {{ shares_as_rows(judged) }}

),

needed as (

    select distinct
        shares.entity,
        shares.column_name,
        shares.row_count,
        shares.good_count

    from shares
    inner join needs on shares.entity = needs.entity

    where {{ is_named_in('shares.column_name', 'needs.columns') }}

)

select
    entity,
    column_name,
    row_count,
    good_count,
    case
        {%- for entity, columns in columns_with_a_fallback().items() %}
        {%- for column in columns %}
        when entity = '{{ entity }}' and column_name = '{{ column }}' then true
        {%- endfor %}
        {%- endfor %}
        else false
    end as has_fallback

from needed
