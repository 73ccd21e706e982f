{# Each row in a time zone of its own. #}
{{ failing_cases(
    {'moment': dbt.type_timestamp(), 'zone': dbt.type_string()}, local_time('moment', 'zone'), dbt.type_timestamp(), [
        ['2024-03-10 06:59:00', 'America/New_York', '2024-03-10 01:59:00'],
        ['2024-03-10 07:00:00', 'America/New_York', '2024-03-10 03:00:00'],
        ['2024-03-10 07:00:00', 'Europe/Berlin', '2024-03-10 08:00:00'],
        ['2024-07-10 07:00:00', 'Europe/Berlin', '2024-07-10 09:00:00'],
        ['2024-02-29 18:30:00', 'Asia/Kolkata', '2024-03-01 00:00:00'],
        ['2024-07-10 07:00:00', 'UTC', '2024-07-10 07:00:00'],
        ['2024-07-10 07:00:00', none, none],
        [none, 'UTC', none],
    ]
) }}
