{# Of the contacts of qualified leads, the share that a person answered in time. All contacts, not only those
   answered, are the whole; only what can still be answered in time is left out. #}
with

contacts as (

    select
        response_id as record_id,
        inbound_date as period_date,
        {{ slice_columns() }}
        case when is_within_sla then 1 else 0 end as sla_numerator,
        case when is_within_sla is not null then 1 end as sla_denominator,

        case when is_within_5_minutes then 1 else 0 end as five_numerator,
        case when is_within_5_minutes is not null then 1 end as five_denominator,

        case when is_within_1_hour then 1 else 0 end as hour_numerator,
        case when is_within_1_hour is not null then 1 end as hour_denominator,

        case when is_within_24_hours then 1 else 0 end as day_numerator,
        case when is_within_24_hours is not null then 1 end as day_denominator

    from {{ ref('fct_responses') }}

)

{{ kpi_from('contacts', kind='rate', kpis={
    'response_within_sla': 'sla',
    'response_within_5_minutes': 'five',
    'response_within_1_hour': 'hour',
    'response_within_24_hours': 'day',
}) }}
