{# A stage, a cost type or a billing period that nobody mapped cannot be guessed: map it, and run again. The
   rows say which, and where. #}
select
    entity,
    rejection_reason,
    count(*) as rejected_rows,
    min(source_row) as for_example

from {{ ref('rejected_rows') }}

where rejection_code in ('unmapped_stage', 'unmapped_cost_type', 'unmapped_billing_period')

group by 1, 2
