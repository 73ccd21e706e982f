{# Whether a lead who says yes to a meeting is more than half way to a purchase: the share of those who
   accepted one that became customers, beside that of those who declined. Only where ci_low is above 0.5 do
   the data support the claim. #}
with

first_meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        case when is_first_accepted and became_customer then 1 else 0 end as accepted_numerator,
        case when is_first_accepted then 1 end as accepted_denominator,

        case when is_first_declined and became_customer then 1 else 0 end as declined_numerator,
        case when is_first_declined then 1 end as declined_denominator

    from {{ ref('fct_meetings') }}

)

{{ kpi_from('first_meetings', kind='rate', matures='qualified to customer', kpis={
    'accepted_meeting_win_rate': 'accepted',
    'declined_meeting_win_rate': 'declined',
}) }}
