{# Why a lead win rate differs from another: because the leads were of other segments (mix), or because leads of the
   same segments became customers more or less often. Of the rate alone; what it is in money is growth. #}
{% set min_n = var('diagnosis').min_n %}
with

leads as (

    select
        qualified_date,
        coalesce(rep, '(none)') as rep,
        coalesce(segment, '(none)') as segment,
        case when became_customer then 1 else 0 end as is_customer

    from {{ ref('fct_leads') }}

    where is_qualified and qualified_date <= {{ as_of() }}

),

periods as (
    {%- for grain in var('kpi_periods') %}

    select
        '{{ grain }}' as period_grain,
        {{ period_start(grain, 'qualified_date') }} as period_start,
        {{ period_end(grain, period_start(grain, 'qualified_date')) }} as period_end,
        {{ periods_later(grain, -1, period_start(grain, 'qualified_date')) }} as previous_start,
        {% if grain == 'week' -%}
        cast({{ dbt.dateadd('day', -364, period_start(grain, 'qualified_date')) }} as date) as last_year_start,
        {%- else -%}
        cast({{ dbt.dateadd('year', -1, period_start(grain, 'qualified_date')) }} as date) as last_year_start,
        {%- endif %}
        rep,
        segment,
        count(*) as leads,
        sum(is_customer) as customers

    from leads

    group by 1, 2, 3, 4, 5, 6, 7
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

cells as (

    select
        period_grain,
        period_start,
        period_end,
        previous_start,
        last_year_start,
        'all' as slice,
        'all' as slice_value,
        segment,
        sum(leads) as leads,
        sum(customers) as customers

    from periods

    group by 1, 2, 3, 4, 5, 6, 7, 8
    {%- if 'rep' in slices_of() %}

    union all

    select
        period_grain,
        period_start,
        period_end,
        previous_start,
        last_year_start,
        'rep' as slice,
        rep as slice_value,
        segment,
        leads,
        customers

    from periods
    {%- endif %}

),

members as (

    select
        period_grain,
        period_start,
        slice,
        slice_value,
        sum(leads) as leads,
        sum(customers) as customers

    from cells

    group by 1, 2, 3, 4

),

paired as (
    {%- for reference, start, slice, value in [
        ('the company', 'period_start', "'all'", "'all'"),
        ('the previous period', 'previous_start', 'slice', 'slice_value'),
        ('the same period last year', 'last_year_start', 'slice', 'slice_value'),
    ] %}

    select
        cells.*,
        '{{ reference }}' as reference,
        {{ start }} as reference_start,
        {{ slice }} as reference_slice,
        {{ value }} as reference_value

    from cells
    {%- if loop.first %}

    where slice = 'rep'
    {%- elif loop.last %}

    where period_grain != 'year'
    {%- endif %}
    {% if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

{# What the reference's rates would have brought with the same leads. A segment that the reference did not have has no
   rate there: it is judged by its own, so that all it brings is mix. #}
expected as (

    select
        paired.*,
        case
            when reference_cells.leads is null then cast(paired.customers as {{ amount_type() }})
            else {{ ratio('paired.leads * reference_cells.customers', 'reference_cells.leads') }}
        end as expected_customers

    from paired
    left join cells as reference_cells
        on paired.period_grain = reference_cells.period_grain
        and paired.reference_start = reference_cells.period_start
        and paired.reference_slice = reference_cells.slice
        and paired.reference_value = reference_cells.slice_value
        and paired.segment = reference_cells.segment

),

summed as (

    select
        period_grain,
        period_start,
        period_end,
        slice,
        slice_value,
        reference,
        reference_start,
        reference_slice,
        reference_value,
        sum(leads) as leads,
        sum(customers) as customers,
        sum(expected_customers) as expected_customers

    from expected

    group by 1, 2, 3, 4, 5, 6, 7, 8, 9

),

rated as (

    select
        summed.*,
        members.leads as reference_leads,
        {{ ratio('summed.customers', 'summed.leads') }} as rate,
        {{ wilson_low('summed.customers', 'summed.leads') }} as ci_low,
        {{ wilson_high('summed.customers', 'summed.leads') }} as ci_high,
        {{ ratio('members.customers', 'members.leads') }} as reference_rate,
        {{ wilson_low('members.customers', 'members.leads') }} as reference_low,
        {{ wilson_high('members.customers', 'members.leads') }} as reference_high,
        {{ ratio('summed.expected_customers', 'summed.leads') }} as expected_rate,
        {{ is_ripe(dbt.dateadd('day', -1, 'summed.period_end'), 'qualified to customer') }} as is_mature

    from summed
    inner join members
        on summed.period_grain = members.period_grain
        and summed.reference_start = members.period_start
        and summed.reference_slice = members.slice
        and summed.reference_value = members.slice_value

),

split as (

    select
        *,
        {{ amount('rate - reference_rate') }} as gap,
        {{ difference_low('rate', 'ci_low', 'reference_rate', 'reference_high') }} as gap_low,
        {{ difference_high('rate', 'ci_high', 'reference_rate', 'reference_low') }} as gap_high,
        {{ amount('expected_rate - reference_rate') }} as mix_effect,
        {{ amount('rate - expected_rate') }} as own_effect

    from rated

),

judged as (

    select
        *,
        case
            when not is_mature then 'outcomes still coming in'
            when leads < {{ min_n }} or reference_leads < {{ min_n }} then 'too few leads'
            when gap_high < 0 then 'lower'
            when gap_low > 0 then 'higher'
            else 'may be chance'
        end as verdict

    from split

)

select

    ---------- text
    period_grain,
    slice,
    slice_value,
    reference,
    verdict,
    case
        when verdict != 'lower' or slice_value = '(none)' then null
        when own_effect <= mix_effect
            then {{ dbt.concat([
                "'Training: the same leads would have brought '",
                in_words('expected_customers', 1),
                "' customers at the rates of '",
                'reference',
                "', and brought '",
                in_words('customers'),
                "'. See conversion_diagnosis for the step.'",
            ]) }}
        else {{ dbt.concat([
            "'Customer profile: these segments would have brought only '",
            percent_in_words('expected_rate'),
            "' at the rates of '",
            'reference',
            "' too, instead of '",
            percent_in_words('reference_rate'),
            "'. Review which leads are sought and qualified.'",
        ]) }}
    end as recommendation,

    ---------- numerics
    cast(leads as {{ dbt.type_bigint() }}) as leads,
    cast(customers as {{ dbt.type_bigint() }}) as customers,
    {{ amount('expected_customers') }} as expected_customers,
    rate,
    cast(reference_leads as {{ dbt.type_bigint() }}) as reference_leads,
    reference_rate,
    gap,
    gap_low,
    gap_high,
    mix_effect,
    own_effect,

    ---------- booleans
    is_mature,

    ---------- dates
    period_start,
    period_end,
    reference_start,
    {{ as_of() }} as as_of_date

from judged
