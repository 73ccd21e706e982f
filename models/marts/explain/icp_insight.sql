{# What a qualified lead is worth, by who works it, how large its company is and how it scored. Small cells
   are pulled to the average: they count as if they had var shrinkage_weight more records, all of them
   average. #}
{% set weight = var('shrinkage_weight') %}
with

leads as (

    select
        lead_id,
        coalesce(rep, '(none)') as rep,
        coalesce(segment, '(none)') as segment,
        coalesce(score_band, '(none)') as score_band,
        {# A young cohort reads low: it says that a cell exists, not how well it converts. #}
        case when {{ is_ripe('qualified_date', 'qualified to customer') }} then 1 else 0 end as is_ripe,
        case when became_customer then 1 else 0 end as is_customer

    from {{ ref('fct_leads') }}

    where is_qualified

),

won_deals as (

    select
        lead_id,
        sum(won_amount) as won_amount,
        count(won_amount) as won_deals

    from {{ ref('fct_deals') }}

    where is_won and lead_id is not null

    group by 1

),

cells as (

    select
        leads.rep,
        leads.segment,
        leads.score_band,
        sum(leads.is_ripe) as qualified_leads,
        sum(leads.is_ripe * leads.is_customer) as customers,
        coalesce(sum(won_deals.won_deals), 0) as won_deals,
        coalesce(sum(won_deals.won_amount), 0) as won_amount

    from leads
    left join won_deals on leads.lead_id = won_deals.lead_id

    group by 1, 2, 3

),

{# The average that a cell is pulled to: the win rate of all; the deal size of its segment, else of all. #}
averaged as (

    select
        *,
        {{ ratio('sum(customers) over ()', 'sum(qualified_leads) over ()') }} as overall_win_rate,
        coalesce(
            {{ ratio(
                'sum(won_amount) over (partition by segment)', 'sum(won_deals) over (partition by segment)'
            ) }},
            {{ ratio('sum(won_amount) over ()', 'sum(won_deals) over ()') }}
        ) as usual_deal_size

    from cells

),

shrunk as (

    select
        *,
        {{ ratio('customers + ' ~ weight ~ ' * overall_win_rate', 'qualified_leads + ' ~ weight) }}
            as shrunk_win_rate,
        {{ ratio('won_amount + ' ~ weight ~ ' * usual_deal_size', 'won_deals + ' ~ weight) }}
            as shrunk_deal_size

    from averaged

)

select

    ---------- text
    rep,
    segment,
    score_band,

    ---------- numerics
    cast(qualified_leads as {{ dbt.type_bigint() }}) as qualified_leads,
    cast(customers as {{ dbt.type_bigint() }}) as customers,
    {{ ratio('customers', 'qualified_leads') }} as win_rate,
    shrunk_win_rate,
    cast(won_deals as {{ dbt.type_bigint() }}) as won_deals,
    {{ ratio('won_amount', 'won_deals') }} as average_deal_size,
    shrunk_deal_size,
    {{ amount('shrunk_win_rate * shrunk_deal_size') }} as expected_value,

    ---------- dates
    {{ as_of() }} as as_of_date

from shrunk
