{{ config(materialized='table') }}

with

{{ checked_cells('subscriptions') }},

{{ with_rejections('cells', 'subscriptions', rules=[
    {
        'code': 'unmapped_billing_period',
        'when': billing_months('billing_period') ~ ' is null',
        'because': dbt.concat([
            "'Billing period '", masked('billing_period'),
            "' has no number of months: add it to var billing_period_months.'"
        ]),
    },
]) }}
