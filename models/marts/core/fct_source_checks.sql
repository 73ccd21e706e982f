{# What was measured of each source, in one shape. source_health judges it. #}
{% set nothing = 'cast(null as ' ~ amount_type() ~ ')' %}
{% set no_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
with

sources as (

    select * from {{ ref('int_source_rows') }}

),

{# Each check says how many rows it judged and how many passed; usual, lowest and highest are what is usual for this
   source, where that is what it is judged by; detail is a word for the reason. #}
measured as (

    select
        entity,
        'presence' as check_name,
        '(rows)' as column_name,
        raw_rows as row_count,
        raw_rows as good_count,
        {{ amount('raw_rows') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        case when is_required then 'required' else 'optional' end as detail
    from sources

    union all

    select
        entity,
        'freshness' as check_name,
        '(rows)' as column_name,
        null as row_count,
        null as good_count,
        age_hours as measured,
        usual_hours as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        case when is_load then 'load' else 'event' end as detail
    from {{ ref('int_source_freshness') }}

    union all

    select
        entity,
        'volume' as check_name,
        '(rows)' as column_name,
        row_count,
        row_count as good_count,
        {{ amount('row_count') }} as measured,
        {# With fewer than five periods nobody knows what is usual. #}
        case when previous_periods >= 5 then usual_rows end as usual,
        case when previous_periods >= 5 then lowest_rows end as lowest,
        case when previous_periods >= 5 then highest_rows end as highest,
        period_grain as detail
    from {{ ref('int_source_volumes') }}

    union all

    select
        entity,
        'completeness' as check_name,
        column_name,
        row_count,
        good_count,
        {{ ratio('good_count', 'row_count') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        case when has_fallback then 'fallback' end as detail
    from {{ ref('int_source_cells') }}

    union all

    select
        entity,
        'validity' as check_name,
        '(rows)' as column_name,
        raw_rows - test_rows - duplicate_rows as row_count,
        accepted_rows as good_count,
        {{ ratio('accepted_rows', 'raw_rows - test_rows - duplicate_rows') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        {{ no_text }} as detail
    from sources

    union all

    select
        entity,
        'validity' as check_name,
        column_name,
        row_count,
        good_count,
        {{ ratio('good_count', 'row_count') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        {{ no_text }} as detail
    from {{ ref('int_source_values') }}

    union all

    select
        entity,
        'integrity' as check_name,
        column_name,
        row_count,
        good_count,
        {{ ratio('good_count', 'row_count') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        parent_entity as detail
    from {{ ref('int_source_keys') }}

    union all

    select
        entity,
        'uniqueness' as check_name,
        '(rows)' as column_name,
        accepted_rows + duplicate_rows as row_count,
        accepted_rows as good_count,
        {{ ratio('accepted_rows', 'accepted_rows + duplicate_rows') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        key_column as detail
    from sources
    where key_column is not null

    union all

    select
        entity,
        'uniqueness' as check_name,
        'email' as column_name,
        addressed_rows as row_count,
        addresses as good_count,
        {{ ratio('addresses', 'addressed_rows') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        {{ no_text }} as detail
    from sources
    where addressed_rows > 0

    union all

    {# Few wins prove nothing: below the others they are only where chance does not explain it. #}
    select
        entity,
        'linkage' as check_name,
        column_name,
        row_count,
        good_count,
        {{ ratio('good_count', 'row_count') }} as measured,
        {{ ratio('earlier_good', 'earlier_rows') }} as usual,
        {{ nothing }} as lowest,
        {{ wilson_high('good_count', 'row_count') }} as highest,
        case column_name
            when 'lead_id' then 'won deals with a lead'
            when 'channel' then 'won deals with a channel that has spend'
            when 'converted_at' then 'converted leads with a deal'
        end as detail
    from {{ ref('int_source_links') }}

    union all

    select
        first_entity as entity,
        'reconciliation' as check_name,
        'account_id' as column_name,
        union_count as row_count,
        matched_count as good_count,
        agreement as measured,
        first_confirmed as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        second_entity as detail
    from {{ ref('fct_source_agreement') }}

    union all

    select
        second_entity as entity,
        'reconciliation' as check_name,
        'account_id' as column_name,
        union_count as row_count,
        matched_count as good_count,
        agreement as measured,
        second_confirmed as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        first_entity as detail
    from {{ ref('fct_source_agreement') }}

    union all

    select
        entity,
        'drift' as check_name,
        column_name,
        row_count,
        good_count,
        {{ ratio('good_count', 'row_count') }} as measured,
        {{ nothing }} as usual,
        {{ nothing }} as lowest,
        {{ nothing }} as highest,
        unknown_example as detail
    from {{ ref('int_source_words') }}

)

{# Of a source that is not there, only that is to be said. #}
select
    measured.entity,
    measured.check_name,
    measured.column_name,
    cast(measured.row_count as {{ dbt.type_bigint() }}) as row_count,
    cast(measured.good_count as {{ dbt.type_bigint() }}) as good_count,
    {{ amount('measured.measured') }} as measured,
    {{ amount('measured.usual') }} as usual,
    {{ amount('measured.lowest') }} as lowest,
    {{ amount('measured.highest') }} as highest,
    measured.detail

from measured
inner join sources on measured.entity = sources.entity

where sources.raw_rows > 0 or measured.check_name = 'presence'
