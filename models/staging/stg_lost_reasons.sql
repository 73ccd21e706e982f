with

words as (

    {{ vocabulary('lost_reasons', ['lost_reason', 'loss_kind']) }}

)

select
    word_key as reason_key,
    lower(loss_kind) as loss_kind

from words
