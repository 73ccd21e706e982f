with

words as (

    {{ vocabulary('stages', ['stage', 'outcome', 'stage_order', 'probability']) }}

)

select
    word_key as stage_key,
    stage,
    lower(outcome) as outcome,
    cast(stage_order as integer) as stage_order,
    {{ amount('probability') }} as probability

from words
