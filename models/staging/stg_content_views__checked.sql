{{ config(materialized='table') }}

with

{{ checked_cells('content_views') }},

{{ with_rejections('cells', 'content_views') }}
