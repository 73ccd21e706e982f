{# A row that is neither staged, nor rejected, nor merged is a row lost in silence; one that is two of them
   is counted twice. #}
select
    entity,
    raw_rows,
    staged_rows,
    rejected_rows,
    merged_rows

from {{ ref('row_accounting') }}

where raw_rows != staged_rows + rejected_rows + merged_rows
