{# The clocks of Berlin go forward on 31 March 2024 at two and back on 27 October at three; India's are half an hour
   off. #}
with

berlin as (

    {{ failing_cases(
        {'moment': dbt.type_timestamp()}, from_zone_to_utc('moment', 'Europe/Berlin'), dbt.type_timestamp(), [
            ['2024-01-01 00:30:00', '2023-12-31 23:30:00'],
            ['2024-03-31 01:59:59', '2024-03-31 00:59:59'],
            ['2024-03-31 03:00:00', '2024-03-31 01:00:00'],
            ['2024-10-27 01:59:59', '2024-10-26 23:59:59'],
            ['2024-10-27 03:00:00', '2024-10-27 02:00:00'],
            [none, none],
        ]
    ) }}

),

kolkata as (

    {{ failing_cases(
        {'moment': dbt.type_timestamp()}, from_zone_to_utc('moment', 'Asia/Kolkata'), dbt.type_timestamp(), [
            ['2024-03-01 05:29:00', '2024-02-29 23:59:00'],
        ]
    ) }}

),

utc as (

    {{ failing_cases(
        {'moment': dbt.type_timestamp()}, from_zone_to_utc('moment', 'UTC'), dbt.type_timestamp(), [
            ['2024-03-31 02:30:00', '2024-03-31 02:30:00'],
        ]
    ) }}

)

select * from berlin
union all
select * from kolkata
union all
select * from utc
