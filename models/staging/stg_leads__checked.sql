{{ config(materialized='table') }}

with

{{ checked_cells('leads') }},

{{ with_rejections('cells', 'leads', rules=[
    {
        'code': 'test_record',
        'replaces_older': true,
        'when': 'is_test or ' ~ is_own_email('email'),
        'because': "'A test: is_test is set, or the e-mail is at one of our own domains.'",
    },
]) }}
