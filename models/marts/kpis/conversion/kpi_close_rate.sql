{# Of the valid deals created in the period, the share won by now; resolved: of those that are decided by now. #}
with

created_deals as (

    select
        deal_id as record_id,
        created_date as period_date,
        {{ slice_columns() }}

        case when is_won then 1 else 0 end as created_numerator,
        1 as created_denominator,

        case when is_won then 1 else 0 end as resolved_numerator,
        case when is_won or is_lost then 1 end as resolved_denominator

    from {{ ref('fct_deals') }}

    where is_won or is_lost or is_open

)

{{ kpi_from('created_deals', kind='rate', matures='deal created to closed', kpis={
    'close_rate': 'created',
    'close_rate_resolved': 'resolved',
}) }}
