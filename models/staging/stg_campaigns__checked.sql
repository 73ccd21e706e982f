{{ config(materialized='table') }}

with

{{ checked_cells('campaigns') }},

{{ with_rejections('cells', 'campaigns') }}
