{# Of the cells that have a value, those whose value is possible. #}
{% set judged = judged_values(var('entities')) %}
with

{%- for entity, columns in judged.items() %}

counted_{{ entity }} as (

    select
        {{ share_counts(entity, columns) }}
    from {{ ref('stg_' ~ entity ~ '__checked') }}
    where rejection_code is null

),
{%- endfor %}

shares as (

    {{ shares_as_rows(judged) }}

)

select * from shares
