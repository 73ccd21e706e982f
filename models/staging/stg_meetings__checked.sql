{{ config(materialized='table') }}

with

{{ checked_cells('meetings') }},

{{ with_rejections('cells', 'meetings') }}
