{# A date is a day that there was, in ISO's order or in a format of the mapping; the time behind it is left out. #}
with

iso as (

    {{ failing_cases({'cell': dbt.type_string()}, try_date('cell'), 'date', [
        ['2024-02-29', '2024-02-29'],
        ['2023-02-29', none],
        ['2024-04-31', none],
        ['2024-12-31', '2024-12-31'],
        ['2024-13-01', none],
        ['2024-00-10', none],
        ['2024-1-5', '2024-01-05'],
        ['2024-01-05 09:30:00', '2024-01-05'],
        ['05/01/2024', none],
        ['2024', none],
        ['soon', none],
        ['', none],
        [none, none],
    ]) }}

),

formatted as (

    {{ failing_cases({'cell': dbt.type_string()}, try_date('cell', ['%d.%m.%Y', '%m/%d/%Y']), 'date', [
        ['5.1.2024', '2024-01-05'],
        ['29.02.2024', '2024-02-29'],
        ['31.02.2024', none],
        ['12/31/2024', '2024-12-31'],
        ['31/12/2024', none],
        ['2024-01-05', '2024-01-05'],
        [none, none],
    ]) }}

)

select * from iso
union all
select * from formatted
