with

words as (

    {{ vocabulary('brands', ['brand_name', 'brand', 'is_us']) }}

)

{# Spellings that differ only in case or padding are one word. The brand "none" is the answer of somebody who
   names no brand. #}
select
    word_key as brand_key,
    nullif(max(coalesce(brand, brand_name)), 'none') as brand,
    max(case when {{ try_boolean('is_us') }} then 1 else 0 end) = 1 as is_us

from words

group by 1
