{{ config(materialized='table') }}

with

{{ checked_cells('accounts') }},

{{ with_rejections('cells', 'accounts') }}
