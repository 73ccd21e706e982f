{# Double precision, never single: nine digits and two places come back as they were. #}
{{ failing_cases({'number': amount_type()}, amount('cast(number as ' ~ double_type() ~ ')'), amount_type(), [
    ['123456789.12', '123456789.12'],
    ['-0.000001', '-0.000001'],
    ['16777217', '16777217'],
    [none, none],
]) }}
