{# I21: whatever is divided is divided last, from the sums that stand beside it, and is unknown where there is
   nothing to divide by. A mean of means, or a 0 for no data, shows here. #}
select
    kpi,
    kind,
    period_grain,
    period_start,
    slice,
    slice_value,
    numerator,
    denominator,
    value

from {{ ref('kpi_values') }}

where
    kind in ('rate', 'period_rate', 'ratio', 'period_ratio', 'distinct_ratio')
    and (
        denominator is null
        or (value is null) != (denominator = 0)
        or abs(value * denominator - numerator) > 0.000001 * (1 + abs(denominator))
    )
