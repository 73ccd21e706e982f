{{ config(materialized='table') }}

{# What became of the rows of each source, in one scan of each. #}
{% set entities = var('entities') %}
with

counted as (
    {%- for entity in entities %}
    {%- set columns = entity_columns(entity) %}

    select
        '{{ entity }}' as entity,
        {{ "'" ~ key_column(entity) ~ "'" if key_column(entity) else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
            as key_column,
        {{ 'true' if entity in var('required_entities') else 'false' }} as is_required,
        count(*) as raw_rows,
        count(case when rejection_code is null then 1 end) as accepted_rows,
        count(case when rejection_code = 'test_record' then 1 end) as test_rows,
        count(case when rejection_code = 'duplicate_id' then 1 end) as duplicate_rows,
        {%- if 'email' in columns %}
        count(case when rejection_code is null then email end) as addressed_rows,
        count(distinct case when rejection_code is null then lower(email) end) as addresses,
        {%- else %}
        0 as addressed_rows,
        0 as addresses,
        {%- endif %}
        {{ 'max(loaded_at)' if 'loaded_at' in columns else 'cast(null as ' ~ dbt.type_timestamp() ~ ')' }}
            as last_loaded_at
    from {{ ref('stg_' ~ entity ~ '__checked') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from counted
