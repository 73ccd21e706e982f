{{ config(materialized='table') }}

with

{{ checked_cells('activities') }},

{{ with_rejections('cells', 'activities') }}
