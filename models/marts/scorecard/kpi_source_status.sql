{# How far the sources of each KPI can be trusted: as far as the worst of the checks that concern it. The score beside
   it is their mean, and hides one dead feed; that is why the status is not made of it. #}
{% set weights = health_rule('weights') %}
with

needs as (

    select * from {{ ref('kpi_sources') }}

),

health as (

    select * from {{ ref('source_health') }}

),

cards as (

    select kpi from {{ ref('kpis') }}

),

{# Whatever is wrong with the rows concerns all who read them; a column only those who need it. #}
concerned as (

    select
        needs.kpi,
        health.entity,
        health.check_name,
        health.column_name,
        health.score,
        health.status,
        health.reason,
        case
            when health.status = 'red' then 1
            when health.status = 'grey' and health.check_name = 'presence' then 2
            when health.status = 'amber' then 3
            when health.status = 'green' then 4
            else 5
        end as severity,
        case health.check_name
            {%- for check, weight in weights.items() %}
            when '{{ check }}' then {{ weight }}
            {%- endfor %}
            else 0
        end as weight

    from needs
    inner join health on needs.entity = health.entity

    where
        health.column_name = '(rows)'
        or {{ is_named_in('health.column_name', 'needs.columns') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by kpi
            order by
                severity asc,
                score asc nulls last,
                weight desc,
                entity asc,
                check_name asc,
                column_name asc nulls last
        ) as badness

    from concerned

),

worst as (

    select * from ranked
    where badness = 1

),

{# Many columns of one check weigh no more than one. #}
kinds as (

    select
        kpi,
        check_name,
        max(weight) as weight,
        {{ factor('sum(score)', 'count(score)') }} as score
    from concerned
    where score is not null and weight > 0
    group by 1, 2

),

scores as (

    select
        kpi,
        {{ ratio('sum(weight * score)', 'sum(weight)') }} as source_score
    from kinds
    group by 1

),

named as (

    select
        kpi,
        {{ dbt.listagg('entity', "', '", 'order by entity') }} as sources_text
    from needs
    group by 1

)

select
    cards.kpi,
    case worst.severity
        when 1 then 'red'
        when 3 then 'amber'
        when 4 then 'green'
        else 'grey'
    end as source_status,
    scores.source_score,
    worst.entity as worst_entity,
    worst.check_name as worst_check,
    case
        when worst.severity = 4 then 'all checks are green'
        when worst.column_name = '(rows)'
            then {{ dbt.concat(['worst.entity', "', '", 'worst.check_name', "': '", 'worst.reason']) }}
        else {{ dbt.concat([
            'worst.entity', "'.'", 'worst.column_name', "', '", 'worst.check_name', "': '", 'worst.reason'
        ]) }}
    end as reason,
    named.sources_text

from cards
left join worst on cards.kpi = worst.kpi
left join scores on cards.kpi = scores.kpi
left join named on cards.kpi = named.kpi
