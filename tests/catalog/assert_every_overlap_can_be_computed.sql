{# A mistyped KPI, a lag that is never looked at or a sign that nobody knows would leave the overlap without an answer
   for ever. #}
with

register as (

    select * from {{ ref('kpi_overlap_register') }}

),

cards as (

    select kpi from {{ ref('kpis') }}

),

known as (

    select
        register.overlap,
        count(a.kpi) as known_a,
        count(b.kpi) as known_b,
        max(length(trim(register.kpi_b)) - length(replace(trim(register.kpi_b), ' ', '')) + 1) as named_b

    from register
    left join cards as b on {{ is_named_in('b.kpi', 'register.kpi_b') }}
    left join cards as a on register.kpi_a = a.kpi

    group by 1

)

select
    register.overlap,
    register.kpi_a,
    register.kpi_b,
    register.expected

from register
inner join known on register.overlap = known.overlap

where
    (known.known_a = 0 and register.kpi_a not like '(%')
    or known.known_b != coalesce(known.named_b, 0)
    or register.tolerance < 0
    or register.min_n < 1
    or (register.kind != 'statistical' and (register.expected is null or register.tolerance is null))
    or (
        register.compared in ('months', 'reps')
        and (
            register.kind != 'statistical'
            or coalesce(register.expected, 'positive') not in ('positive', 'negative')
            or coalesce(register.first_lag, 99) > coalesce(register.last_lag, -99)
            or register.first_lag < -6
            or register.last_lag > 6
            or register.kpi_b is null
        )
    )
