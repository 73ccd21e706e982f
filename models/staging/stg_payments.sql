select
    payment_id,
    account_id,
    paid_at,
    amount,
    currency

from {{ ref('stg_payments__checked') }}

where rejection_code is null
