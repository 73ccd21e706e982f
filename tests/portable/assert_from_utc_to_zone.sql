{# The way back, where no hour is missing and none comes twice. #}
with

berlin as (

    {{ failing_cases(
        {'moment': dbt.type_timestamp()}, from_utc_to_zone('moment', 'Europe/Berlin'), dbt.type_timestamp(), [
            ['2023-12-31 23:30:00', '2024-01-01 00:30:00'],
            ['2024-03-31 00:59:59', '2024-03-31 01:59:59'],
            ['2024-03-31 01:00:00', '2024-03-31 03:00:00'],
            ['2024-10-27 00:30:00', '2024-10-27 02:30:00'],
            ['2024-10-27 01:30:00', '2024-10-27 02:30:00'],
            [none, none],
        ]
    ) }}

),

kolkata as (

    {{ failing_cases(
        {'moment': dbt.type_timestamp()}, from_utc_to_zone('moment', 'Asia/Kolkata'), dbt.type_timestamp(), [
            ['2024-02-29 23:59:00', '2024-03-01 05:29:00'],
        ]
    ) }}

)

select * from berlin
union all
select * from kolkata
