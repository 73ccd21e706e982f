{# An e-mail address at one of the company's own domains (var own_email_domains). #}
{% macro is_own_email(email) -%}
    {%- set tests = ['1 = 0'] -%}
    {%- for domain in var('own_email_domains') -%}
        {%- do tests.append("lower(" ~ email ~ ") like '%@" ~ (domain | lower) ~ "'") -%}
    {%- endfor -%}
    coalesce({{ tests | join(' or ') }}, false)
{%- endmacro %}
