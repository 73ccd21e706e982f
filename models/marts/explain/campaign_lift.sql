{# The pipeline created in the weeks before a launch and in the weeks from it, by the week. Whatever else
   happened in those weeks is in it too: an association, not a proof. #}
{% set weeks = var('campaign_weeks') %}
{% set days = weeks * 7 %}
with

campaigns as (

    select * from {{ ref('dim_campaigns') }}
    where launched_on <= {{ as_of() }}

),

{# All deals, whatever their campaign: a launch that only takes from other campaigns lifts nothing. #}
deals as (

    select
        created_date,
        amount,
        {{ period_start('year', 'created_date') }} as year_start,
        {{ period_start('month', 'created_date') }} as month_start

    from {{ ref('fct_deals') }}

    where not is_deleted and amount is not null

),

seasons as (

    select
        period_number,
        seasonal_index
    from {{ ref('seasonal_index') }}
    where kpi = 'pipeline_created' and period_grain = 'month'

),

first_deal as (

    select min(created_date) as first_date
    from deals

),

numbered as (

    select
        created_date,
        amount,
        {{ dbt.datediff('year_start', 'month_start', 'month') }}
        + 1 as period_number
    from deals

),

adjusted as (

    select
        numbered.created_date,
        numbered.amount,
        {{ ratio('numbered.amount', 'seasons.seasonal_index') }} as adjusted_amount

    from numbered
    left join seasons on numbered.period_number = seasons.period_number

),

summed as (

    select
        campaigns.campaign,
        coalesce(sum(case when adjusted.created_date < campaigns.launched_on then adjusted.amount end), 0)
            as amount_before,
        coalesce(sum(case when adjusted.created_date >= campaigns.launched_on then adjusted.amount end), 0)
            as amount_after,
        sum(case when adjusted.created_date < campaigns.launched_on then adjusted.adjusted_amount end)
            as adjusted_before,
        sum(case when adjusted.created_date >= campaigns.launched_on then adjusted.adjusted_amount end)
            as adjusted_after

    from campaigns
    left join adjusted
        on {{ dbt.dateadd('day', -days, 'campaigns.launched_on') }} <= adjusted.created_date
        and {{ dbt.dateadd('day', days, 'campaigns.launched_on') }} > adjusted.created_date

    group by 1

),

{# Weeks before the first deal, or after the as-of date, are not known. #}
known as (

    select
        campaigns.campaign,
        campaigns.channel,
        campaigns.launched_on,
        {{ dbt.dateadd('day', -days, 'campaigns.launched_on') }} >= first_deal.first_date
        and {{ dbt.dateadd('day', days - 1, 'campaigns.launched_on') }} <= {{ as_of() }} as is_comparable,
        summed.amount_before,
        summed.amount_after,
        summed.adjusted_before,
        summed.adjusted_after

    from campaigns
    inner join summed on campaigns.campaign = summed.campaign
    cross join first_deal

)

select

    ---------- text
    campaign,
    channel,

    ---------- numerics
    {{ ratio('case when is_comparable then amount_before end', weeks) }} as weekly_pipeline_before,
    {{ ratio('case when is_comparable then amount_after end', weeks) }} as weekly_pipeline_after,
    case when is_comparable then {{ ratio('amount_after - amount_before', 'amount_before') }} end as lift,
    case when is_comparable then {{ ratio('adjusted_after - adjusted_before', 'adjusted_before') }} end
        as seasonally_adjusted_lift,

    ---------- booleans
    coalesce(is_comparable, false) as is_comparable,

    ---------- dates
    launched_on,
    {{ as_of() }} as as_of_date

from known
