{# A036, I08: the whole is the sum of its deals and of the members of every slice; what moves between members moves
   out of one and into another; the flows of the months are those of the quarters and years; and what is won, lost or
   deleted is the same whether one looks at all deals or at those due. #}
{% set flows = ['created', 'reopened', 'revalued', 'exchange', 'won', 'lost', 'deleted'] %}
with

deals as (

    select * from {{ ref('pipeline_waterfall_deals') }}

),

waterfall as (

    select * from {{ ref('pipeline_waterfall') }}

),

sums as (

    select
        scope,
        period_grain,
        period_start,
        slice as part,
        {%- for flow in flows %}
        sum({{ flow }}) as {{ flow }},
        {%- endfor %}
        sum(opening) as opening,
        sum(pulled_in - pushed_out) as pulled,
        sum(moved_in - moved_out) as moved,
        sum(closing) as closing

    from waterfall

    group by 1, 2, 3, 4

    union all

    select
        scope,
        period_grain,
        period_start,
        'deal' as part,
        {%- for flow in flows %}
        sum({{ flow }}) as {{ flow }},
        {%- endfor %}
        sum(opening) as opening,
        sum(pulled_in - pushed_out) as pulled,
        0 as moved,
        sum(closing) as closing

    from deals

    group by 1, 2, 3

),

in_the_large as (

    select * from sums
    where part = 'all'

),

years as (

    select
        scope,
        period_grain,
        {{ period_start('year', 'period_start') }} as year_start,
        {%- for flow in flows %}
        sum({{ flow }}) as {{ flow }},
        {%- endfor %}
        count(*) as periods

    from in_the_large

    where period_grain != 'week'

    group by 1, 2, 3

),

mismatches as (

    select
        sums.scope,
        sums.period_grain,
        sums.period_start,
        sums.part

    from sums
    left join in_the_large
        on sums.scope = in_the_large.scope
        and sums.period_grain = in_the_large.period_grain
        and sums.period_start = in_the_large.period_start

    where
        sums.moved != 0
        or in_the_large.scope is null
        or sums.opening != in_the_large.opening
        or sums.closing != in_the_large.closing
        or sums.pulled != in_the_large.pulled
        {%- for flow in flows %}
        or sums.{{ flow }} != in_the_large.{{ flow }}
        {%- endfor %}

    union all

    select
        scope,
        'year' as period_grain,
        year_start as period_start,
        'grains' as part

    from years

    where scope = 'pipeline'

    group by 1, 3

    having
        min(created) != max(created)
        {%- for flow in flows[1:] %}
        or min({{ flow }}) != max({{ flow }})
        {%- endfor %}

    union all

    select
        'due' as scope,
        period_grain,
        period_start,
        'scopes' as part

    from in_the_large

    group by 2, 3

    having
        min(won) != max(won)
        or min(lost) != max(lost)
        or min(deleted) != max(deleted)

)

select * from mismatches
