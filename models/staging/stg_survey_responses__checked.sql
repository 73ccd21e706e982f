{{ config(materialized='table') }}

with

{{ checked_cells('survey_responses') }},

{{ with_rejections('cells', 'survey_responses') }}
