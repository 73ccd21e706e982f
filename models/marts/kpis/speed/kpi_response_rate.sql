{# Of the contacts of qualified leads, the share that a person answered, sooner or later. #}
with

contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        case when is_responded then 1 else 0 end as numerator,
        1 as denominator

    from {{ ref('fct_responses') }}

    where not is_pending

)

{{ kpi_from('contacts', kind='rate') }}
