{# Of the cells whose word the business gives a meaning, those whose word it knows: an unknown stage is how a change in
   the CRM shows first. #}
{% set judged = judged_words(var('entities')) %}
{% set keys = {
    'channels': 'channel_key', 'countries': 'country_key', 'lost_reasons': 'reason_key', 'brands': 'brand_key',
} %}
with

{%- for vocabulary, key in keys.items() %}

known_{{ vocabulary }} as (

    select distinct {{ key }} as word
    from {{ ref('stg_' ~ vocabulary) }}

),
{%- endfor %}

{# A currency is known by its rates. #}
known_currencies as (

    select lower(currency) as word from {{ ref('stg_currency_rates') }}
    union distinct
    select lower('{{ var("reporting_currency") }}') as word

),

{%- for entity, columns in judged.items() %}

counted_{{ entity }} as (

    select
        {{ share_counts(entity, columns, examples=true) }}

    from {{ ref('stg_' ~ entity ~ '__checked') }} as {{ entity }}
    {{ joined_vocabularies(entity, columns) }}

),
{%- endfor %}

shares as (

    {{ shares_as_rows(judged, examples=true) }}

)

select
    entity,
    column_name,
    row_count,
    good_count,
    example as unknown_example

from shares
