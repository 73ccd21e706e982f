{# What each KPI of the scorecard is never shown without, period by period: the companions with their values in
   the same slice. A win rate alone can be raised by losing the weak leads on paper. #}
with

companions as (

    select * from {{ ref('int_kpi_companions') }}

),

cards as (

    select * from {{ ref('kpis') }}
    where on_scorecard

),

kpi_values as (

    select * from {{ ref('kpi_values') }}

),

beside as (

    select
        kpi_values.kpi,
        kpi_values.period_grain,
        kpi_values.period_start,
        kpi_values.slice,
        kpi_values.slice_value,
        companions.companion,
        other.value,
        other.n

    from kpi_values
    inner join cards on kpi_values.kpi = cards.kpi
    inner join companions on kpi_values.kpi = companions.kpi
    left join kpi_values as other
        on companions.companion = other.kpi
        and kpi_values.period_grain = other.period_grain
        and kpi_values.period_start = other.period_start
        and kpi_values.slice = other.slice
        and kpi_values.slice_value = other.slice_value

),

worded as (

    select
        *,
        {{ dbt.concat([
            'companion',
            "' '",
            "coalesce(" ~ number_in_words('value') ~ ", 'unknown')"
        ]) }} as companion_words

    from beside

)

select
    kpi,
    period_grain,
    period_start,
    slice,
    slice_value,
    cast(count(*) as {{ dbt.type_bigint() }}) as companions,
    cast(count(value) as {{ dbt.type_bigint() }}) as companions_known,
    {{ dbt.listagg('companion_words', "', '", 'order by companion_words') }} as companion_values

from worded

group by kpi, period_grain, period_start, slice, slice_value
