with

words as (

    {{ vocabulary('channels', ['channel_name', 'channel', 'is_paid', 'is_inbound']) }}

)

{# Spellings that differ only in case or padding are one word. #}
select
    word_key as channel_key,
    max(coalesce(channel, channel_name)) as channel,
    max(case when {{ try_boolean('is_paid') }} then 1 else 0 end) = 1 as is_paid,
    max(case when {{ try_boolean('is_inbound') }} then 1 else 0 end) = 1 as is_inbound

from words

group by 1
