{{ config(materialized='table') }}

with

{{ checked_cells('web_visits') }},

{{ with_rejections('cells', 'web_visits') }}
