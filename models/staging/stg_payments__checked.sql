{{ config(materialized='table') }}

with

{{ checked_cells('payments') }},

{{ with_rejections('cells', 'payments') }}
