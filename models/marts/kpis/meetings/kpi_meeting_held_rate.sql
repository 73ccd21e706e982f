{# Of the accepted meetings whose day has come, the share that took place. #}
with

accepted_meetings as (

    select
        meeting_id as record_id,
        requested_date as period_date,
        {{ slice_columns() }}
        case when is_held then 1 else 0 end as numerator,
        1 as denominator

    from {{ ref('fct_meetings') }}

    where is_due

)

{{ kpi_from('accepted_meetings', kind='rate') }}
