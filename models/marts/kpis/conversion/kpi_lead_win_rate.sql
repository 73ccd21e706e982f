{# Of the leads that qualified in the period, the share that became customers. The glossary's win rate and
   the SQL-to-customer conversion rate are this one quantity under two names. #}
with

qualified_leads as (

    select
        lead_id as record_id,
        qualified_date as period_date,
        {{ slice_columns() }}

        case when became_customer then 1 else 0 end as all_numerator,
        1 as all_denominator,

        case when is_strictly_qualified and became_customer then 1 else 0 end as strict_numerator,
        case when is_strictly_qualified then 1 end as strict_denominator

    from {{ ref('fct_leads') }}

    where is_qualified

)

{{ kpi_from('qualified_leads', kind='rate', matures='qualified to customer', kpis={
    'lead_win_rate': 'all',
    'sql_to_customer_rate': 'all',
    'lead_win_rate_strict': 'strict',
}) }}
