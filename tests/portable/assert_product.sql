{# Exact before it is rounded to six places, halves away from zero. #}
{{ failing_cases({'one': amount_type(), 'other': amount_type()}, product('one', 'other'), amount_type(), [
    ['3', '4', '12'],
    ['-1.5', '0.25', '-0.375'],
    ['1.000001', '1.000001', '1.000002'],
    ['0.000001', '0.5', '0.000001'],
    ['-0.000001', '0.5', '-0.000001'],
    ['0.000001', '0.499999', '0'],
    ['123456789.123456', '1.08', '133333332.253332'],
    ['5', '0', '0'],
    [none, '2', none],
    ['2', none, none],
]) }}
