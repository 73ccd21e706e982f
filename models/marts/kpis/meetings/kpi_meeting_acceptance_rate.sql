{# Of the meetings asked for in the period and decided, the share that was accepted. #}
with

meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        case when is_accepted then 1 else 0 end as decided_numerator,
        case when is_decided then 1 end as decided_denominator,

        case when is_accepted then 1 else 0 end as sent_numerator,
        case when not is_withdrawn then 1 end as sent_denominator,

        case when is_accepted then 1 else 0 end as replied_numerator,
        case when is_replied then 1 end as replied_denominator

    from {{ ref('fct_meetings') }}

    {# Unknown where no meeting has an answer. #}
    where is_decided is not null

)

{{ kpi_from('meetings', kind='rate', kpis={
    'meeting_acceptance_rate': 'decided',
    'meeting_acceptance_rate_of_sent': 'sent',
    'meeting_acceptance_rate_of_replied': 'replied',
}) }}
