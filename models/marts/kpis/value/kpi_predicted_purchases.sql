{# How often who buys without a subscription, and has come back before, will come back. It is foretold on the
   as-of date, so that only the periods of that day have it. #}
with

buyers as (

    select
        customer_id as record_id,
        as_of_date as period_date,
        {{ slice_columns() }}
        expected_purchases,
        1 as repeat_buyers

    from {{ ref('fct_buyer_predictions') }}

    where is_repeat_buyer

)

{{ kpi_from(
    'buyers',
    kind='derived',
    measures=['expected_purchases', 'repeat_buyers'],
    stocks=['expected_purchases', 'repeat_buyers'],
    numerator='expected_purchases',
    denominator='repeat_buyers',
    n='coalesce(repeat_buyers, 0)',
) }}
