{{ config(materialized='table') }}

with

{{ checked_cells('subscriptions') }},

{{ with_rejections('cells', 'subscriptions') }}
