{{ config(materialized='table') }}

with

{{ checked_cells('reps') }},

{{ with_rejections('cells', 'reps') }}
