{# What all who buy without a subscription will bring in the weeks ahead, also those who have bought once. #}
with

buyers as (

    select
        customer_id as record_id,
        as_of_date as period_date,
        {{ slice_columns() }}
        expected_value,
        case when expected_value is not null then 1 else 0 end as valued_buyers

    from {{ ref('fct_buyer_predictions') }}

)

{{ kpi_from(
    'buyers',
    kind='derived',
    measures=['expected_value', 'valued_buyers'],
    stocks=['expected_value', 'valued_buyers'],
    numerator='expected_value',
    n='coalesce(valued_buyers, 0)',
) }}
