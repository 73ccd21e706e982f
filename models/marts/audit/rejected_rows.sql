{# Every raw row that could not be used, and why. Personal data is masked; the whole record stays in staging. #}
with

rejected as (
    {%- for entity in var('entities') %}

    select
        '{{ entity }}' as entity,
        source_row,
        rejection_code,
        rejection_reason,
        masked_record as raw_record

    from {{ ref('stg_' ~ entity ~ '__checked') }}

    where rejection_code is not null
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select * from rejected
