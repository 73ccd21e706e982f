{# What kpi_overlaps shows as broken is broken, and must stop the run as the tests that it names do. I24 has no test
   on purpose: reps may be meant to have other targets than the company. #}
select
    overlap,
    sentence

from {{ ref('kpi_overlaps') }}

where kind = 'identity' and status = 'broken' and asserted_by is not null
