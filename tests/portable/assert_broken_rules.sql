{# The generic test `rules`, of tables with every kind of fault at once, with none and without rows: each broken rule
   is told, with how many rows break it and one of them, and no other. A deal without an id is no repeated one; no stage
   is no wrong one. #}
{%- set text = dbt.type_string() -%}
{%- set planted_rows = [
    ['D1', 'A', '1', 'open'],
    ['D1', 'A', '2', 'won'],
    ['D2', none, '3', 'maybe'],
    ['D3', none, '3', 'on hold'],
    ['D4', 'B', '3', "nobody's"],
    [none, 'C', none, none],
    [none, 'D', '4', 'open'],
] -%}
{%- set selects = [] -%}
{%- for deal_id, team, part, stage in planted_rows -%}
    {%- do selects.append(
        'select ' ~ literal(deal_id, text) ~ ' as deal_id, ' ~ literal(team, text) ~ ' as team, '
        ~ literal(part, 'integer') ~ ' as part, ' ~ literal(stage, text) ~ ' as stage'
    ) -%}
{%- endfor -%}
{%- set planted = '(' ~ selects | join(' union all ') ~ ')' -%}
{%- set stages = ['open', 'won', "nobody's"] -%}
{%- set cases = {
    'all at once': broken_rules(
        planted ~ ' as planted',
        not_null=['deal_id', 'stage', 'team'],
        unique=['deal_id', ['team', 'part']],
        accepted_values={'stage': stages, 'team': ['A', 'B', 'C', 'D']},
    ),
    'a set that is unique': broken_rules(planted ~ ' as planted', unique=[['deal_id', 'part']]),
    'without a key': broken_rules(
        planted ~ ' as planted',
        not_null=['part'],
        accepted_values={'stage': ['open', 'won', 'maybe', 'on hold']},
    ),
    'no fault': broken_rules(
        '(select * from ' ~ planted ~ " as planted where deal_id in ('D2', 'D4')) as planted",
        not_null=['deal_id', 'part', 'stage'],
        unique=['deal_id', ['team', 'part'], ['part', 'stage']],
        accepted_values={'stage': stages + ['maybe'], 'team': ['B']},
    ),
    'no rows': broken_rules(
        '(select * from ' ~ planted ~ " as planted where deal_id = 'D9') as planted",
        not_null=['deal_id'],
        unique=['deal_id', ['team', 'part']],
        accepted_values={'stage': stages},
    ),
} -%}
{%- set answers = [
    ['all at once', 'deal_id is never null', 2, 'deal_id=null'],
    ['all at once', 'stage is never null', 1, 'deal_id=null'],
    ['all at once', 'team is never null', 2, 'deal_id=D2'],
    ['all at once', "stage is one of open, won, nobody's", 2, 'stage=maybe, deal_id=D2'],
    ['all at once', 'deal_id is unique', 2, 'deal_id=D1'],
    ['all at once', 'team, part are unique together', 2, 'team=null, part=3'],
    ['without a key', 'part is never null', 1, none],
    ['without a key', 'stage is one of open, won, maybe, on hold', 1, "stage=nobody's"],
] -%}

with

told_and_expected as (

    {% for case, rules in cases.items() %}
    select
        {{ text_literal(case) }} as planted,
        rule,
        failing_rows,
        example

    from ({{ rules }}) as told

    union all
    {% endfor %}
    {% for case, rule, failing_rows, example in answers %}
    select
        {{ text_literal(case) }} as planted,
        {{ text_literal(rule) }} as rule,
        {{ failing_rows }} as failing_rows,
        {{ 'null' if example is none else text_literal(example) }} as example

    {% if not loop.last %}
    union all
    {% endif %}
    {% endfor %}

)

select
    planted,
    rule,
    failing_rows,
    example,
    count(*) as sides

from told_and_expected

group by planted, rule, failing_rows, example

having count(*) != 2
