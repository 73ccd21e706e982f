{# The last day of a survey wave, which is named by a date, a month (2024-03), a quarter (2024-Q1, Q1 2024),
   a half (2024-H1) or a year; null where the name says no day. A wave is out when it is over. #}
{% macro wave_date(wave) -%}
    {%- set key = "lower(replace(replace(" ~ wave ~ ", '-', ''), ' ', ''))" -%}
    {%- set last_days = {
        'q1': '-03-31', 'q2': '-06-30', 'q3': '-09-30', 'q4': '-12-31', 'h1': '-06-30', 'h2': '-12-31'
    } -%}
    case
        {%- for part, last_day in last_days.items() %}
        when {{ key }} like '____{{ part }}'
            then {{ try_date(dbt.concat(['substring(' ~ key ~ ', 1, 4)', "'" ~ last_day ~ "'"])) }}
        when {{ key }} like '{{ part }}____'
            then {{ try_date(dbt.concat(['substring(' ~ key ~ ', 3, 4)', "'" ~ last_day ~ "'"])) }}
        {%- endfor %}
        when {{ wave }} like '____' then {{ try_date(dbt.concat([wave, "'-12-31'"])) }}
        when {{ wave }} like '____-__'
            then {{ period_last_day('month', try_date(dbt.concat([wave, "'-01'"]))) }}
        else {{ try_date(wave) }}
    end
{%- endmacro %}
