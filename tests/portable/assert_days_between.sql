{# Days are counted by the calendar; the second date may be the earlier one. #}
{{ failing_cases({'first': 'date', 'second': 'date'}, days_between('first', 'second'), 'integer', [
    ['2024-02-28', '2024-03-01', '2'],
    ['2023-02-28', '2023-03-01', '1'],
    ['2024-03-31', '2024-04-01', '1'],
    ['2024-03-01', '2024-02-28', '-2'],
    ['2024-01-01', '2025-01-01', '366'],
    ['2024-05-05', '2024-05-05', '0'],
    [none, '2024-05-05', none],
    ['2024-05-05', none, none],
]) }}
