{# A rate is between 0 and 1 and inside its own interval; one that is not counts records that it should not. #}
select
    kpi,
    period_grain,
    period_start,
    slice,
    slice_value,
    numerator,
    denominator,
    value,
    ci_low,
    ci_high

from {{ ref('kpi_values') }}

where
    kind in ('rate', 'period_rate')
    and (
        numerator > denominator
        or value < 0
        or value > 1
        or value < ci_low - 0.000001
        or value > ci_high + 0.000001
        or (denominator > 0 and ci_low is null)
        or (denominator = 0 and value is not null)
    )
