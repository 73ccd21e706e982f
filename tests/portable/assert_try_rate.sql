{# A rate is read as a number is, with six decimals more and six digits less before the point, as is a cell of rates.
   What a million units are worth shows all its decimals. #}
{% set cases = [
    ['1.08', '1080000'],
    ['0.0000393', '39.3'],
    ['3.93e-5', '39.3'],
    ['0.0000000000005', '0.000001'],
    ['0.00000000000049', '0'],
    ['9999999999999999', '9999999999999999000000'],
    ['10000000000000000', none],
    ['1,08', none],
    ['n/a', none],
    ['', none],
    [none, none],
] %}
{% set cell = typed_cell('currency_rates', 'cell', entity_columns('currency_rates')['rate']) %}
with

texts as (

    {{ failing_cases({'cell': dbt.type_string()}, amount('1000000 * ' ~ try_rate('cell')), amount_type(), cases) }}

),

cells as (

    {{ failing_cases({'cell': dbt.type_string()}, amount('1000000 * ' ~ cell), amount_type(), cases) }}

)

select * from texts
union all
select * from cells
