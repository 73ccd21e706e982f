{{ config(materialized='table') }}

with

stages as (

    select * from {{ ref('stg_stages') }}

),

{{ checked_cells('deals') }},

staged as (

    select
        cells.*,
        stages.stage as known_stage,
        stages.outcome

    from cells
    left join stages on lower(cells.stage) = stages.stage_key

),

{{ with_rejections('staged', 'deals', keep=['known_stage', 'outcome'], rules=[
    {
        'code': 'unmapped_stage',
        'when': 'outcome is null',
        'because': unmapped_sentence('Stage', 'stage', 'stages'),
    },
]) }}
