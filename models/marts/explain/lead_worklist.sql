{# The open qualified leads, the most promising first: what leads like it have brought (icp_insight), then
   what it may bring itself. #}
with

leads as (

    select
        *,
        coalesce(rep, '(none)') as worked_by,
        coalesce(segment, '(none)') as known_segment,
        coalesce(score_band, '(none)') as known_score_band

    from {{ ref('fct_leads') }}

    where is_qualified and is_open

),

insight as (

    select * from {{ ref('icp_insight') }}

),

valued as (

    select
        leads.*,
        insight.shrunk_win_rate,
        insight.shrunk_deal_size,
        insight.expected_value

    from leads
    inner join insight
        on leads.worked_by = insight.rep
        and leads.known_segment = insight.segment
        and leads.known_score_band = insight.score_band

)

select

    ---------- ids
    lead_id,

    ---------- text
    worked_by as rep,
    known_segment as segment,
    known_score_band as score_band,
    journey_stage,

    ---------- numerics
    cast(
        row_number() over (
            order by
                expected_value desc nulls last,
                potential_amount desc nulls last,
                qualified_date desc,
                lead_id asc
        ) as {{ dbt.type_bigint() }}
    ) as place,
    cast(
        row_number() over (
            partition by worked_by
            order by
                expected_value desc nulls last,
                potential_amount desc nulls last,
                qualified_date desc,
                lead_id asc
        ) as {{ dbt.type_bigint() }}
    ) as place_of_rep,
    shrunk_win_rate as win_rate,
    shrunk_deal_size as deal_size,
    expected_value,
    potential_amount,

    ---------- dates
    qualified_date,
    {{ as_of() }} as as_of_date

from valued
