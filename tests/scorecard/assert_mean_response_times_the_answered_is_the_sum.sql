{# I18: those whose response time is averaged are those whom the response rate calls answered, and their mean
   times their number is all their minutes. A mean that leaves some out, or counts the never answered as 0,
   would show here. #}
with

means as (

    select * from {{ ref('kpi_values') }}
    where kpi in ('average_response_time', 'business_response_time')

),

rates as (

    select * from {{ ref('kpi_values') }}
    where kpi = 'response_rate'

)

select
    rates.period_grain,
    rates.period_start,
    rates.slice,
    rates.slice_value,
    means.kpi,
    means.value,
    means.numerator,
    means.denominator as averaged,
    rates.numerator as answered

from rates
left join means
    on rates.period_grain = means.period_grain
    and rates.period_start = means.period_start
    and rates.slice = means.slice
    and rates.slice_value = means.slice_value

where
    coalesce(means.denominator, 0) != rates.numerator
    or abs(coalesce(means.value * means.denominator, 0) - coalesce(means.numerator, 0))
    > 0.000001 * (1 + rates.numerator)
