{{ config(materialized='table') }}

with

{{ checked_cells('spend') }},

{{ with_rejections('cells', 'spend', rules=[
    {
        'code': 'unmapped_cost_type',
        'when': "lower(cost_type) not in ('lead_generation', 'sales', 'other')",
        'because': dbt.concat([
            "'Cost type '", masked('cost_type'),
            "' is not lead_generation, sales or other: map it with an SQL expression in mapping.spend.columns.'"
        ]),
    },
]) }}
