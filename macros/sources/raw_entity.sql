{# The raw records of one entity, whatever the system: the canonical columns as text, and source_row, which
   says where the record stands in its source. An entity that the system does not have yields no rows. #}
{% macro raw_entity(entity) %}
    {%- set system = var('source_system') -%}
    {%- if system == 'demo' -%}
        {{ return(raw_from_demo(entity)) }}
    {%- elif system == 'files' -%}
        {{ return(raw_from_files(entity)) }}
    {%- elif system == 'warehouse' -%}
        {{ return(raw_from_warehouse(entity)) }}
    {%- endif -%}
    {{ exceptions.raise_compiler_error(
        "source_system is '" ~ system ~ "'; choose demo, files or warehouse"
    ) }}
{% endmacro %}


{# The canonical columns of an entity: name to "type [id] [required] [personal] [rate]". #}
{% macro entity_columns(entity) %}
    {%- set columns = {} -%}
    {%- for column in var('entities')[entity] -%}
        {%- set words = column.split(' ', 1) -%}
        {%- do columns.update({words[0]: words[1]}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{% endmacro %}


{# What the mapping says of an entity: {} where it says nothing, none where it says that there is none. #}
{% macro entity_mapping(entity) %}
    {%- set mapping = var('mapping') or {} -%}
    {%- if execute and entity in var('required_entities') and entity not in mapping -%}
        {{ exceptions.raise_compiler_error(
            "The mapping does not name '" ~ entity ~ "'. Say where it is (path or table), or write '" ~ entity
            ~ ": null' to say that there is none."
        ) }}
    {%- endif -%}
    {{ return(mapping.get(entity, {})) }}
{% endmacro %}


{% macro raw_nothing(entity) %}
select
    {%- for column in entity_columns(entity) %}
    cast(null as {{ dbt.type_string() }}) as {{ column }},
    {%- endfor %}
    cast(null as {{ dbt.type_string() }}) as source_row
from (select 1 as nothing) as nothing
where 1 = 0
{% endmacro %}


{# Every canonical column as text: what the mapping says, else the source's column of the same name, else null. #}
{% macro mapped_columns(entity, mapping, available=none) %}
    {%- set given_columns = mapping.get('columns') or {} -%}
    {%- for column in entity_columns(entity) %}
    {%- set given = given_columns.get(column, column) -%}
    {%- if given is none or (column not in given_columns and available is not none and column not in available) -%}
        {%- set expression = 'null' -%}
    {%- elif given is mapping -%}
        {%- set expression = given['sql'] -%}
    {%- elif column in given_columns -%}
        {%- set expression = entity ~ '.' ~ adapter.quote(given) -%}
    {%- else -%}
        {%- set expression = entity ~ '.' ~ column -%}
    {%- endif %}
    cast({{ expression }} as {{ dbt.type_string() }}) as {{ column }},
    {%- endfor %}
{% endmacro %}


{# Outside files a record is named by its entity and its required columns. #}
{% macro named_source_row(entity) -%}
    {%- set parts = ["'" ~ entity ~ "'"] -%}
    {%- for column, type in entity_columns(entity).items() if 'required' in type -%}
        {%- do parts.append("' '") -%}
        {%- do parts.append("coalesce(nullif(trim(" ~ column ~ "), ''), '(none)')") -%}
    {%- endfor -%}
    {{ dbt.concat(parts) }}
{%- endmacro %}


{% macro raw_from_demo(entity) %}
{{ raw_from_relation(entity, ref('raw_' ~ entity), {}) }}
{% endmacro %}


{% macro raw_from_warehouse(entity) %}
    {%- set declared = source('warehouse', entity) -%}
    {%- set mapping = entity_mapping(entity) -%}
    {%- set relation = none -%}
    {%- if execute and mapping is not none -%}
        {%- set relation = adapter.get_relation(declared.database, declared.schema, declared.identifier) -%}
    {%- endif -%}
    {%- if relation is none -%}
        {%- if execute and mapping is not none and (entity in var('required_entities') or mapping) -%}
            {{ exceptions.raise_compiler_error(
                "There is no table " ~ declared ~ " to read " ~ entity ~ " from. Set warehouse_schema, or mapping."
                ~ entity ~ ".table, or write '" ~ entity ~ ": null' to say that there is none."
            ) }}
        {%- endif -%}
        {{ raw_nothing(entity) }}
    {%- else -%}
        {%- set available = adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list -%}
        {{ raw_from_relation(entity, relation, mapping, available) }}
    {%- endif -%}
{% endmacro %}


{% macro raw_from_relation(entity, relation, mapping, available=none) %}
with

mapped as (

    select
        {{ mapped_columns(entity, mapping, available) }}
        1 as one

    from {{ relation }} as {{ entity }}

)

select
    {%- for column in entity_columns(entity) %}
    {{ column }},
    {%- endfor %}
    {{ named_source_row(entity) }} as source_row

from mapped
{% endmacro %}
