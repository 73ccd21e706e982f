{# How far two sources that count the same thing agree, record by record. #}
with

customers as (

    select * from {{ ref('fct_customer_sightings') }}
    where not is_too_recent

),

counted as (

    select
        'new customers' as subject,
        'deals' as first_entity,
        'subscriptions' as second_entity,
        count(case when is_in_crm then 1 end) as first_count,
        count(case when is_in_billing then 1 end) as second_count,
        count(case when is_matched then 1 end) as matched_count,
        count(*) as union_count

    from customers

)

select
    subject,
    first_entity,
    second_entity,
    cast(first_count as {{ dbt.type_bigint() }}) as first_count,
    cast(second_count as {{ dbt.type_bigint() }}) as second_count,
    cast(matched_count as {{ dbt.type_bigint() }}) as matched_count,
    cast(union_count as {{ dbt.type_bigint() }}) as union_count,
    {{ ratio('matched_count', 'union_count') }} as agreement,
    {{ ratio('matched_count', 'first_count') }} as first_confirmed,
    {{ ratio('matched_count', 'second_count') }} as second_confirmed

from counted

where union_count > 0
