{# Months are counted from month to month, whatever the days. #}
{{ failing_cases({'first': 'date', 'second': 'date'}, months_between('first', 'second'), 'integer', [
    ['2024-01-31', '2024-02-01', '1'],
    ['2024-01-01', '2024-01-31', '0'],
    ['2023-12-31', '2024-01-01', '1'],
    ['2024-03-31', '2024-02-29', '-1'],
    ['2022-11-15', '2024-02-14', '15'],
    [none, '2024-01-01', none],
    ['2024-01-01', none, none],
]) }}
