{# A CTE that is worked out each time it is read has the same rows each time, and only those that are asked for. #}
with

numbers as {{ not_kept() }} (

    select 1 as number
    union all
    select 2 as number

),

odd as (

    select * from numbers
    where number = 1

),

added as (

    select
        count(*) as pairs,
        sum(odd.number) as total

    from numbers
    left join odd on numbers.number = odd.number

)

select * from added
where pairs != 2 or total != 1
