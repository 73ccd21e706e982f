{# How an outcome differs by what came before it. Bands of leads and customers also differ in other ways: whoever
   hesitates is written to more often, and whoever wants to buy asks for an answer. So this tells what goes together,
   never what would happen if one did otherwise. #}
{% set limit = var('touch_limit') %}
{% set half = (limit + 1) // 2 %}
{% set months = var('loyal_after_months') %}
{% set waits = ['5 minutes', '1 hour', '24 hours', 'later', 'never'] %}
{% set stayed = 'still a customer ' ~ months ~ ' months after the first with MRR' %}
{% set associations = {
    'response time and conversion': {'outcome': 'became a customer', 'bands': waits},
    'response time and retention': {'outcome': stayed, 'bands': waits},
    'touches and loss': {'outcome': 'lost or disqualified', 'bands': [
        '0', '1 to ' ~ half, (half + 1) ~ ' to ' ~ limit, (limit + 1) ~ ' to ' ~ (2 * limit), 'over ' ~ (2 * limit),
    ]},
    'touches a week and loss': {'outcome': 'lost or disqualified', 'bands': ['0', 'up to 1', 'up to 2', 'up to 4', 'over 4']},
    'answer to a meeting and conversion': {'outcome': 'became a customer', 'bands': ['accepted', 'declined']},
    'engagement and retention': {'outcome': stayed, 'bands': ['0', '1 to 2', '3 to 4', '5 and more']},
} %}
with

bands as (
    {%- for association, rule in associations.items() %}
    {%- set is_last = loop.last %}
    {%- for band in rule.bands %}

    select
        '{{ association }}' as association,
        '{{ rule.outcome }}' as outcome,
        {{ loop.index }} as band_number,
        '{{ band }}' as band
    {% if not (is_last and loop.last) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}

),

{# One lead, one answer: how long the first time took that it had to wait. #}
waits as (

    select
        *,
        row_number() over (partition by lead_id order by inbound_at, response_id) as wait_number
    from {{ ref('fct_responses') }}

),

first_waits as (

    select * from waits
    where wait_number = 1 and not is_pending

),

outreach as (

    select
        touch_count,
        {{ ratio('touch_count', 'weeks_open') }} as weekly_touches,
        case when is_lost then 1 else 0 end as has_outcome
    from {{ ref('fct_lead_outreach') }}
    where {{ is_ripe('qualified_date', 'qualified to customer') }}

),

followed_customers as (

    select
        customer_id,
        case when is_customer then 1 else 0 end as has_outcome
    from {{ ref('fct_customer_months') }}
    where months_since_first = {{ months }} and is_complete_month

),

{# The lead that the customer once was: what it did before it paid is what it can be told by. What customers do later,
   only those can do who stay. #}
customers as (

    select
        followed_customers.customer_id,
        followed_customers.has_outcome,
        customers.first_paid_date,
        deals.lead_id

    from followed_customers
    inner join {{ ref('dim_customers') }} as customers on followed_customers.customer_id = customers.customer_id
    inner join {{ ref('fct_deals') }} as deals on customers.first_deal_id = deals.deal_id

    where deals.lead_id is not null

),

engagements as (

    select
        lead_id,
        viewed_date as engaged_date
    from {{ ref('fct_content_views') }}
    where is_view and lead_id is not null

    union all

    select
        lead_id,
        requested_date as engaged_date
    from {{ ref('fct_meetings') }}
    where is_accepted and lead_id is not null

    union all

    select
        lead_id,
        occurred_date as engaged_date
    from {{ ref('fct_activities') }}
    where (is_inbound_contact or is_two_way) and lead_id is not null

),

{# Where nothing of the kind was ever recorded, nobody knows who engaged: that is not nobody. #}
known_engagements as (

    select count(*) as engagements from engagements

),

engaged_customers as (

    select
        customers.customer_id,
        customers.has_outcome,
        count(engagements.lead_id) as engagement_count

    from customers
    cross join known_engagements
    left join engagements
        on customers.lead_id = engagements.lead_id
        and customers.first_paid_date >= engagements.engaged_date

    where known_engagements.engagements > 0

    group by 1, 2

),

observed as (

    select
        'response time and conversion' as association,
        response_band as band,
        case when became_customer then 1 else 0 end as has_outcome
    from first_waits
    where {{ is_ripe('inbound_date', 'qualified to customer') }}

    union all

    select
        'response time and retention' as association,
        first_waits.response_band as band,
        customers.has_outcome
    from customers
    inner join first_waits
        on customers.lead_id = first_waits.lead_id
        and customers.first_paid_date >= first_waits.inbound_date

    union all

    select
        'touches and loss' as association,
        case
            when touch_count = 0 then '0'
            when touch_count <= {{ half }} then '1 to {{ half }}'
            when touch_count <= {{ limit }} then '{{ half + 1 }} to {{ limit }}'
            when touch_count <= {{ 2 * limit }} then '{{ limit + 1 }} to {{ 2 * limit }}'
            else 'over {{ 2 * limit }}'
        end as band,
        has_outcome
    from outreach

    union all

    select
        'touches a week and loss' as association,
        case
            when touch_count = 0 then '0'
            when weekly_touches <= 1 then 'up to 1'
            when weekly_touches <= 2 then 'up to 2'
            when weekly_touches <= 4 then 'up to 4'
            else 'over 4'
        end as band,
        has_outcome
    from outreach

    union all

    select
        'answer to a meeting and conversion' as association,
        case when is_first_accepted then 'accepted' else 'declined' end as band,
        case when became_customer then 1 else 0 end as has_outcome
    from {{ ref('fct_meetings') }}
    where
        (is_first_accepted or is_first_declined)
        and {{ is_ripe('requested_date', 'qualified to customer') }}

    union all

    select
        'engagement and retention' as association,
        case
            when engagement_count = 0 then '0'
            when engagement_count <= 2 then '1 to 2'
            when engagement_count <= 4 then '3 to 4'
            else '5 and more'
        end as band,
        has_outcome
    from engaged_customers

),

counted as (

    select
        bands.association,
        bands.outcome,
        bands.band_number,
        bands.band,
        count(observed.has_outcome) as n,
        coalesce(sum(observed.has_outcome), 0) as outcomes

    from bands
    left join observed
        on bands.association = observed.association
        and bands.band = observed.band

    group by 1, 2, 3, 4

),

measured as (

    select
        *,
        {{ ratio('outcomes', 'n') }} as rate,
        {{ wilson_low('outcomes', 'n') }} as ci_low,
        {{ wilson_high('outcomes', 'n') }} as ci_high,
        {{ ratio(
            'sum(outcomes) over (partition by association)', 'sum(n) over (partition by association)'
        ) }} as overall_rate
    from counted

)

select

    ---------- text
    association,
    outcome,
    band,
    case
        when ci_low > overall_rate then 'above all together'
        when ci_high < overall_rate then 'below all together'
        when n > 0 then 'no different from all together, beyond chance'
    end as reading,

    ---------- numerics
    cast(band_number as integer) as band_number,
    cast(n as {{ dbt.type_bigint() }}) as n,
    cast(outcomes as {{ dbt.type_bigint() }}) as outcomes,
    rate,
    ci_low,
    ci_high,
    overall_rate,

    ---------- booleans
    ci_low > 0.5 as is_more_than_half,

    ---------- dates
    {{ as_of() }} as as_of_date

from measured
