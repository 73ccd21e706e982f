{# I04: two names of the requirements for one quantity; whoever changes one must change the other. #}
select
    period_grain,
    period_start,
    slice,
    slice_value,
    count(*) as names,
    min(numerator) as lower_numerator,
    max(numerator) as higher_numerator

from {{ ref('kpi_values') }}

where kpi in ('lead_win_rate', 'sql_to_customer_rate')

group by 1, 2, 3, 4

having
    count(*) != 2
    or min(numerator) != max(numerator)
    or min(denominator) != max(denominator)
    or coalesce(min(value), -1) != coalesce(max(value), -1)
