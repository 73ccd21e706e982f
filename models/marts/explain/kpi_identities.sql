{# What must be equal, both sides of it, cell by cell. A side without a value is not compared. The tests named in the
   register stop a run that breaks one of these; here stands by how much, for those who did not run the tests. #}
{% set kpis = [
    'won_revenue', 'average_deal_size', 'average_deal_size_per_account', 'win_loss_ratio', 'deal_win_rate', 'lead_win_rate',
    'sql_to_customer_rate', 'cac', 'cost_per_qualified_lead', 'weighted_pipeline', 'pipeline_value', 'customer_retention_rate',
    'logo_churn_rate', 'grr', 'gross_mrr_churn_rate', 'nrr', 'mrr', 'arr', 'arpa', 'active_customers', 'customer_lifetime_value',
    'customer_lifetime_value_margin', 'new_subscribers', 'customer_acquisition_rate', 'new_customers_per_qualified_lead',
    'touches_per_qualified_lead', 'automated_touches_per_qualified_lead', 'human_touches_per_qualified_lead',
    'average_response_time', 'meetings_requested', 'deals_created', 'mrr_new', 'mrr_reactivation', 'mrr_expansion',
    'mrr_contraction', 'mrr_churn', 'sales_velocity', 'cycle_length',
] %}
{# Those that two KPIs of one cell can tell. Of a quotient __n and __d are its sides. #}
{% set equations = [
    ['I01', 'won_revenue', 'coalesce(average_deal_size * average_deal_size__d, 0)'],
    ['I01', 'won_revenue', 'coalesce(average_deal_size_per_account * average_deal_size_per_account__d, 0)'],
    ['I03', 'win_loss_ratio__n', 'deal_win_rate__n'],
    ['I03', 'coalesce(win_loss_ratio__d, 0)', 'deal_win_rate__d - deal_win_rate__n'],
    ['I04', 'lead_win_rate', 'sql_to_customer_rate'],
    ['I07', 'cac * cac__d', 'cost_per_qualified_lead * cost_per_qualified_lead__d'],
    ['I09', 'weighted_pipeline', 'greatest(0, least(weighted_pipeline, pipeline_value))'],
    ['I12', 'customer_retention_rate__n + logo_churn_rate__n', 'customer_retention_rate__d'],
    ['I12', 'grr__n + gross_mrr_churn_rate__n', 'grr__d'],
    ['I12', 'grr__n', 'least(grr__n, grr__d, nrr__n)'],
    ['I13', 'mrr', 'arpa * active_customers'],
    ['I13', 'arr', '12 * mrr'],
    ['I14', "case when period_grain = 'month' then customer_lifetime_value * logo_churn_rate__n end",
        'arpa * logo_churn_rate__d'],
    ['I14', "case when period_grain = 'month' then customer_lifetime_value_margin * logo_churn_rate__n end",
        'arpa * logo_churn_rate__d * ' ~ var('gross_margin')],
    ['I15', 'new_subscribers', 'customer_acquisition_rate__n'],
    ['I15', 'new_subscribers', 'new_customers_per_qualified_lead__n'],
    ['I19', 'touches_per_qualified_lead__n',
        'automated_touches_per_qualified_lead__n + human_touches_per_qualified_lead__n'],
] %}
with

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

cells as (

    select
        period_grain,
        period_start,
        period_end,
        as_of_date,
        slice,
        slice_value,
        {% for kpi in kpis -%}
        max(case when kpi = '{{ kpi }}' then value end) as {{ kpi }},
        max(case when kpi = '{{ kpi }}' then numerator end) as {{ kpi }}__n,
        max(case when kpi = '{{ kpi }}' then denominator end) as {{ kpi }}__d
        {%- if not loop.last %},{% endif %}
        {% endfor %}

    from kpi_values

    where
        kpi in (
            {%- for kpi in kpis %}
            '{{ kpi }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )

    group by 1, 2, 3, 4, 5, 6

),

months as (

    select * from cells
    where period_grain = 'month' and slice = 'all'

),

created_deals as (

    select
        {{ period_start('month', 'created_date') }} as period_start,
        sum(case when is_won then 1 else 0 end)
        + sum(case when is_lost then 1 else 0 end)
        + sum(case when is_invalid then 1 else 0 end)
        + sum(case when is_open then 1 else 0 end) as deals
    from {{ ref('fct_deals') }}
    group by 1

),

qualified_leads as (

    select
        {{ period_start('month', 'qualified_date') }} as period_start,
        count(*) as leads,
        sum(case when deal_count > 0 then 1 else 0 end) as with_deal,
        sum(case when deal_count > 0 and became_customer then 1 else 0 end) as customers
    from {{ ref('fct_leads') }}
    where is_qualified
    group by 1

),

spend as (

    select
        {{ period_start('month', 'spend_date') }} as period_start,
        sum(lead_generation_amount) as amount
    from {{ ref('fct_spend') }}
    group by 1

),

customers as (

    select
        month_start as period_start,
        sum(case when movement in ('new', 'reactivation') then 1 when movement = 'churn' then -1 else 0 end) as moved
    from {{ ref('fct_customer_months') }}
    group by 1

),

meetings as (

    select
        {{ period_start('month', 'requested_date') }} as period_start,
        sum(case when is_accepted then 1 else 0 end)
        + sum(case when is_declined then 1 else 0 end)
        + sum(case when is_expired then 1 else 0 end)
        + sum(case when is_pending then 1 else 0 end)
        + sum(case when is_withdrawn then 1 else 0 end) as answers
    from {{ ref('fct_meetings') }}
    group by 1

),

waits as (

    select
        {{ period_start('month', 'inbound_date') }} as period_start,
        count(*) as waits,
        sum(case when is_responded then 1 else 0 end)
        + sum(case when response_band = 'never' then 1 else 0 end)
        + sum(case when is_pending then 1 else 0 end) as ends,
        coalesce(sum(response_minutes), 0) as minutes
    from {{ ref('fct_responses') }}
    group by 1

),

open_deals as (

    select
        snapshot_date,
        count(*) as deals
    from {{ ref('fct_deal_snapshots') }}
    group by 1

),

followed as (

    select
        *,
        coalesce(lag(mrr) over (order by period_start), 0) as opening_mrr,
        coalesce(lag(active_customers) over (order by period_start), 0) as opening_customers
    from months

),

parts as (

    select
        kpi,
        period_grain,
        period_start,
        slice,
        sum(numerator) as numerator,
        sum(denominator) as denominator
    from kpi_values
    where slice != 'all' and kind in ('rate', 'period_rate', 'ratio', 'period_ratio')
    group by 1, 2, 3, 4

),

longer as (

    select
        kpi,
        slice,
        slice_value,
        period_grain,
        period_start,
        value
    from kpi_values
    where kind in ('count', 'sum') and period_grain in ('quarter', 'year')

),

added as (
    {%- for grain in ['quarter', 'year'] %}

    select
        kpi,
        slice,
        slice_value,
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'period_start') }} as period_start,
        sum(value) as value
    from kpi_values
    where kind in ('count', 'sum') and period_grain = 'month'
    group by 1, 2, 3, 4, 5
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

waterfalls as (

    select
        *,
        opening + created + reopened + pulled_in - pushed_out + revalued + exchange - won - lost - deleted
        + moved_in - moved_out as balance,
        lag(closing) over (partition by period_grain, slice, slice_value order by period_start) as last_closing
    from {{ ref('pipeline_waterfall') }}
    where scope = 'pipeline'

),

growth as (

    select
        kpi,
        explanation,
        comparison,
        period_grain,
        period_start,
        slice,
        slice_value,
        cut_by,
        max(change) as change,
        sum(effect) as effects,
        max(growth_rate) as growth_rate,
        sum(contribution) as contributions,
        count(*) as drivers
    from {{ ref('growth_drivers') }}
    group by 1, 2, 3, 4, 5, 6, 7, 8

),

rep_targets as (

    select
        kpi,
        period_grain,
        period_start,
        sum(target) as target
    from {{ ref('fct_targets') }}
    where slice = 'rep'
    group by 1, 2, 3

),

{# Where the sides are those of many KPIs, the slice value is the KPI. #}
sides as (
    {%- for overlap, left_side, right_side in equations %}

    select
        '{{ overlap }}' as overlap,
        period_grain,
        period_start,
        slice,
        slice_value,
        {{ amount(left_side) }} as left_side,
        {{ amount(right_side) }} as right_side
    from cells

    union all
    {%- endfor %}

    select
        'I02' as overlap,
        months.period_grain,
        months.period_start,
        months.slice,
        months.slice_value,
        {{ amount('months.deals_created') }} as left_side,
        {{ amount('coalesce(created_deals.deals, 0)') }} as right_side
    from months
    left join created_deals on months.period_start = created_deals.period_start

    union all

    select
        'I05' as overlap,
        months.period_grain,
        months.period_start,
        months.slice,
        months.slice_value,
        {{ amount('months.lead_win_rate') }} as left_side,
        {{ amount(
            ratio('qualified_leads.with_deal', 'qualified_leads.leads') ~ ' * coalesce('
            ~ ratio('qualified_leads.customers', 'qualified_leads.with_deal') ~ ', 0)'
        ) }} as right_side
    from months
    inner join qualified_leads on months.period_start = qualified_leads.period_start

    union all

    select
        'I06' as overlap,
        months.period_grain,
        months.period_start,
        months.slice,
        months.slice_value,
        {{ amount('months.cac * months.cac__d') }} as left_side,
        {{ amount('coalesce(spend.amount, 0)') }} as right_side
    from months
    left join spend on months.period_start = spend.period_start

    union all

    select
        'I08' as overlap,
        period_grain,
        period_start,
        slice,
        slice_value,
        {{ amount('balance') }} as left_side,
        closing as right_side
    from waterfalls

    union all

    select
        'I08' as overlap,
        period_grain,
        period_start,
        slice,
        slice_value,
        last_closing as left_side,
        opening as right_side
    from waterfalls
    where slice = 'all'

    union all

    select
        'I08' as overlap,
        waterfalls.period_grain,
        waterfalls.period_start,
        waterfalls.slice,
        waterfalls.slice_value,
        waterfalls.closing as left_side,
        {{ amount('coalesce(cells.pipeline_value, 0)') }} as right_side
    from waterfalls
    left join cells
        on waterfalls.period_grain = cells.period_grain
        and waterfalls.period_start = cells.period_start
        and waterfalls.slice = cells.slice
        and waterfalls.slice_value = cells.slice_value
    where waterfalls.slice = 'all'

    union all

    select
        'I10' as overlap,
        period_grain,
        period_start,
        slice,
        slice_value,
        {{ amount(
            'opening_mrr + coalesce(mrr_new, 0) + coalesce(mrr_reactivation, 0) + coalesce(mrr_expansion, 0)'
            ~ ' - abs(coalesce(mrr_contraction, 0)) - abs(coalesce(mrr_churn, 0))'
        ) }} as left_side,
        {{ amount('mrr') }} as right_side
    from followed

    union all

    select
        'I11' as overlap,
        followed.period_grain,
        followed.period_start,
        followed.slice,
        followed.slice_value,
        {{ amount('followed.opening_customers + customers.moved') }} as left_side,
        {{ amount('followed.active_customers') }} as right_side
    from followed
    inner join customers on followed.period_start = customers.period_start

    union all

    select
        'I16' as overlap,
        'wave' as period_grain,
        wave_date as period_start,
        'all' as slice,
        'all' as slice_value,
        {{ amount('sum(share_of_voice)') }} as left_side,
        {{ amount('1') }} as right_side
    from {{ ref('voice_by_brand') }}
    group by 1, 2, 3, 4, 5

    union all

    select
        'I17' as overlap,
        months.period_grain,
        months.period_start,
        months.slice,
        months.slice_value,
        {{ amount('months.meetings_requested') }} as left_side,
        {{ amount('coalesce(meetings.answers, 0)') }} as right_side
    from months
    left join meetings on months.period_start = meetings.period_start

    union all

    select
        'I18' as overlap,
        'month' as period_grain,
        period_start,
        'all' as slice,
        'all' as slice_value,
        {{ amount('waits') }} as left_side,
        {{ amount('ends') }} as right_side
    from waits

    union all

    select
        'I18' as overlap,
        months.period_grain,
        months.period_start,
        months.slice,
        months.slice_value,
        {{ amount('months.average_response_time * months.average_response_time__d') }} as left_side,
        {{ amount('waits.minutes') }} as right_side
    from months
    inner join waits on months.period_start = waits.period_start

    union all

    select
        'I20' as overlap,
        period_grain,
        period_start,
        slice,
        kpi as slice_value,
        {{ amount('effects') }} as left_side,
        {{ amount('change') }} as right_side
    from growth

    union all

    select
        'I20' as overlap,
        period_grain,
        period_start,
        slice,
        kpi as slice_value,
        {# Each contribution has six decimals: what rounding alone can make of their sum is no difference. #}
        {{ amount(
            'case when abs(contributions - growth_rate) <= 0.000001 * (1 + drivers)'
            ~ ' then growth_rate else contributions end'
        ) }} as left_side,
        {{ amount('growth_rate') }} as right_side
    from growth

    union all

    select
        'I21' as overlap,
        wholes.period_grain,
        wholes.period_start,
        parts.slice,
        wholes.kpi as slice_value,
        wholes.value as left_side,
        {{ ratio('parts.numerator', 'parts.denominator') }} as right_side
    from kpi_values as wholes
    inner join parts
        on wholes.kpi = parts.kpi
        and wholes.period_grain = parts.period_grain
        and wholes.period_start = parts.period_start
    where wholes.slice = 'all'

    union all

    select
        'I22' as overlap,
        longer.period_grain,
        longer.period_start,
        longer.slice,
        longer.slice_value,
        {{ amount('longer.value') }} as left_side,
        {{ amount('added.value') }} as right_side
    from longer
    inner join added
        on longer.kpi = added.kpi
        and longer.period_grain = added.period_grain
        and longer.period_start = added.period_start
        and longer.slice = added.slice
        and longer.slice_value = added.slice_value

    union all

    select
        'I23' as overlap,
        cells.period_grain,
        cells.period_start,
        cells.slice,
        cells.slice_value,
        {{ amount('cells.sales_velocity * cells.cycle_length') }} as left_side,
        {{ amount('open_deals.deals * cells.deal_win_rate * cells.average_deal_size') }} as right_side
    from cells
    inner join open_deals
        on least(cells.as_of_date, cast({{ dbt.dateadd('day', -1, 'cells.period_end') }} as date))
        = open_deals.snapshot_date
    where cells.slice = 'all'

    union all

    select
        'I24' as overlap,
        targets.period_grain,
        targets.period_start,
        'all' as slice,
        targets.kpi as slice_value,
        {{ amount('rep_targets.target') }} as left_side,
        {{ amount('targets.target') }} as right_side
    from {{ ref('fct_targets') }} as targets
    inner join rep_targets
        on targets.kpi = rep_targets.kpi
        and targets.period_grain = rep_targets.period_grain
        and targets.period_start = rep_targets.period_start
    inner join {{ ref('kpis') }} as cards on targets.kpi = cards.kpi
    where targets.slice = 'all' and cards.additivity = 'additive'

),

measured as (

    select
        sides.*,
        abs(sides.left_side - sides.right_side) as gap,
        greatest(1, abs(sides.left_side), abs(sides.right_side)) as size,
        register.tolerance

    from sides
    inner join {{ ref('kpi_overlap_register') }} as register on sides.overlap = register.overlap

    where sides.left_side is not null and sides.right_side is not null

),

{# The cell that is furthest off; where all are equal, the whole of the last period. #}
ordered as (

    select
        *,
        row_number() over (
            partition by overlap
            order by
                {{ ratio('gap', 'size') }} desc nulls last,
                case slice when 'all' then 0 else 1 end asc,
                period_start desc,
                period_grain asc,
                slice asc,
                slice_value asc,
                left_side asc,
                right_side asc
        ) as place
    from measured

),

counted as (

    select
        overlap,
        count(*) as cells,
        sum(case when gap > tolerance * size then 1 else 0 end) as broken_cells
    from measured
    group by 1

)

select

    ---------- text
    ordered.overlap,
    ordered.period_grain,
    ordered.slice,
    ordered.slice_value,

    ---------- numerics
    cast(counted.cells as {{ dbt.type_bigint() }}) as cells,
    cast(counted.broken_cells as {{ dbt.type_bigint() }}) as broken_cells,
    {{ amount('ordered.left_side') }} as left_side,
    ordered.right_side,
    {{ amount('ordered.left_side - ordered.right_side') }} as residual,

    ---------- dates
    ordered.period_start,
    {{ as_of() }} as as_of_date

from ordered
inner join counted on ordered.overlap = counted.overlap

where ordered.place = 1
