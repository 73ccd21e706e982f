{# What the open pipeline was to bring, at each origin and for each member of a slice: every deal at the win rate that
   the history of its stage had by then. Deals are taken as independent of one another, so the spread is the least. #}
{% set slices = slices_of('rep', 'team', 'channel', 'campaign', 'segment', 'region', 'pipeline') + ['stage'] %}
with

deals as (

    select * from {{ ref('fct_deal_outlooks') }}

),

{# Squares of money are statistics: they outgrow what money is kept in. #}
spread as {{ not_kept() }} (

    select
        *,
        cast(amount as {{ double_type() }}) * cast(amount as {{ double_type() }})
        * cast(win_probability as {{ double_type() }})
        * (1 - cast(win_probability as {{ double_type() }})) as amount_variance
    from deals

),

members as (
    {%- for slice in ['all'] + slices %}

    select
        *,
        '{{ slice }}' as slice,
        {{ "'all'" if slice == 'all' else "coalesce(" ~ slice ~ ", '(none)')" }} as slice_value
    from spread
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

summed as (

    select
        origin_date,
        slice,
        slice_value,
        count(*) as open_deals,
        count(amount) as open_deals_with_amount,
        coalesce(sum(amount), 0) as pipeline_amount,
        coalesce(sum(weighted_amount), 0) as weighted_amount,
        coalesce(sum(weighted_in_time_amount), 0) as weighted_in_time_amount,
        coalesce(sum(vocabulary_weighted_amount), 0) as vocabulary_weighted_amount,
        sqrt(coalesce(sum(amount_variance), 0)) as weighted_sd,
        count(win_probability) as weighable_deals,
        count(win_rate_in_time) as judgeable_deals

    from members

    group by 1, 2, 3

)

select

    ---------- text
    slice,
    slice_value,

    ---------- numerics
    cast(open_deals as {{ dbt.type_bigint() }}) as open_deals,
    cast(open_deals_with_amount as {{ dbt.type_bigint() }}) as open_deals_with_amount,
    {{ amount('pipeline_amount') }} as pipeline_amount,
    {{ amount('case when weighable_deals > 0 then weighted_amount end') }} as weighted_amount,
    {{ rounded('case when weighable_deals > 0 then weighted_sd end') }} as weighted_sd,
    {{ ratio('case when weighable_deals > 0 then weighted_sd end', 'weighted_amount') }} as weighted_sd_share,
    {{ amount('case when judgeable_deals > 0 then weighted_in_time_amount end') }} as weighted_in_time_amount,
    {{ amount('vocabulary_weighted_amount') }} as vocabulary_weighted_amount,

    ---------- dates
    origin_date,
    origin_date = {{ as_of() }} as is_latest,
    {{ as_of() }} as as_of_date

from summed
