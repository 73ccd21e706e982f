{# The value between two is interpolated, exact to six places, a half of the last one upwards; nulls do not count. In f
   the place of the 90th percentile is 20.7 or, in doubles, a hair less: its half is a half all the same. #}
with

numbers as (

    {% for series, number, copies in [
        ('a', '1', 1), ('a', '2', 1),
        ('b', '0.000001', 1), ('b', '0.000002', 1), ('b', none, 1),
        ('c', '0.000003', 1), ('c', '0.000008', 1),
        ('d', '-0.000003', 1), ('d', '-0.000008', 1),
        ('f', '0.000005', 21), ('f', '1000.00001', 3),
    ] -%}
    {%- for copy in range(copies) -%}
    select
        '{{ series }}' as series,
        {{ literal(number, amount_type()) }} as number
    union all
    {% endfor %}
    {%- endfor -%}
    select
        'e' as series,
        {{ literal(none, amount_type()) }} as number

),

found as (

    select
        series,
        {{ percentile('0.5', 'number') }} as middle,
        {{ percentile('0.1', 'number') }} as low,
        {{ percentile('0.9', 'number') }} as high

    from numbers

    group by 1

),

answered as (

    {% for name, expected in [
        ('middle', {'a': '1.5', 'b': '0.000002', 'c': '0.000006', 'd': '-0.000005', 'e': none, 'f': '0.000005'}),
        ('low', {'a': '1.1', 'b': '0.000001', 'c': '0.000004', 'd': '-0.000007', 'e': none, 'f': '0.000005'}),
        ('high', {'a': '1.9', 'b': '0.000002', 'c': '0.000008', 'd': '-0.000003', 'e': none, 'f': '700.000009'}),
    ] -%}
    select
        '{{ name }}' as percentile,
        series,
        {{ name }} as answer,
        case series
            {%- for series, number in expected.items() %}
            when '{{ series }}' then {{ literal(number, amount_type()) }}
            {%- endfor %}
        end as expected
    from found
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from answered
where case when answer = expected or (answer is null and expected is null) then 0 else 1 end = 1
