with

accepted as (

    select * from {{ ref('stg_payments__checked') }}
    where rejection_code is null

)

select

    ---------- ids
    payment_id,
    account_id,

    ---------- text
    {{ clean_currency('currency') }} as currency,

    ---------- numerics
    amount,

    ---------- timestamps
    paid_at

from accepted
