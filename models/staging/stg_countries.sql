with

words as (

    {{ vocabulary('countries', ['country_name', 'country', 'region']) }}

)

select
    word_key as country_key,
    country,
    region

from words
