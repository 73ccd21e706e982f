{{ config(materialized='table') }}

with

{{ checked_cells('currency_rates') }},

{{ with_rejections('cells', 'currency_rates') }}
