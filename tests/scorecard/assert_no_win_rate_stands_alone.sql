{# A win rate can be raised by qualifying less: whatever the card names as companions stands in the row, with a
   value or as unknown (A024). #}
{{ config(meta={'requirements': ['A023', 'A024']}) }}

select
    kpi,
    period_grain,
    period_start,
    slice,
    slice_value

from {{ ref('kpi_scorecard') }}

where
    (companions is not null and companion_values is null)
    or (companions is null and kpi like '%win_rate%')
