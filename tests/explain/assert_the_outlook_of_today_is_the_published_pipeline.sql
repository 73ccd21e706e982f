{# On the as-of date nothing is known later: the outlook's pipeline and its vocabulary weights are the published
   pipeline_value and weighted_pipeline, slice by slice. On any day the members of a slice are the whole, and what is
   expected lies between nothing and everything (I09), deal by deal. #}
with

outlook as (

    select * from {{ ref('pipeline_outlook') }}

),

published as (

    select
        slice,
        slice_value,
        max(case when kpi = 'pipeline_value' then value end) as pipeline_value,
        max(case when kpi = 'weighted_pipeline' then value end) as weighted_pipeline

    from {{ ref('kpi_values') }}

    where
        kpi in ('pipeline_value', 'weighted_pipeline')
        and period_grain = '{{ var("kpi_periods")[0] }}'
        and period_start = {{ period_start(var('kpi_periods')[0], as_of()) }}

    group by 1, 2

),

latest as (

    select * from outlook
    where
        is_latest
        and slice != 'stage'

),

today as (

    select
        coalesce(latest.slice, published.slice) as slice,
        coalesce(latest.slice_value, published.slice_value) as slice_value,
        coalesce(latest.pipeline_amount, 0) as pipeline_amount,
        coalesce(published.pipeline_value, 0) as pipeline_value,
        coalesce(latest.vocabulary_weighted_amount, 0) as weighted_amount,
        coalesce(published.weighted_pipeline, 0) as weighted_pipeline

    from latest
    full outer join published
        on latest.slice = published.slice
        and latest.slice_value = published.slice_value

),

wholes as (

    select
        origin_date,
        slice,
        sum(pipeline_amount) as pipeline_amount,
        sum(weighted_amount) as weighted_amount,
        sum(open_deals) as open_deals
    from outlook
    group by 1, 2

)

select
    {{ as_of() }} as origin_date,
    slice,
    slice_value
from today
where pipeline_amount != pipeline_value or weighted_amount != weighted_pipeline

union all

select
    origin_date,
    min(slice) as slice,
    'sum of the members' as slice_value
from wholes
group by 1
having
    min(pipeline_amount) != max(pipeline_amount)
    or min(weighted_amount) != max(weighted_amount)
    or min(open_deals) != max(open_deals)

union all

select
    origin_date,
    'deal' as slice,
    deal_id as slice_value
from {{ ref('fct_deal_outlooks') }}
where
    win_probability < 0
    or win_probability > 1
    or (amount >= 0 and (weighted_amount < 0 or weighted_amount > amount))
