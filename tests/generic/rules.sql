{# What holds of the rows of a table, one test for all of it: a test of its own for each column would cost dbt more time than
   the rows cost the database. It counts the rows that break a rule; kept are the rules that are broken. #}
{% test rules(model, not_null=[], unique=[], accepted_values={}) %}
{{ config(fail_calc='cast(coalesce(sum(failing_rows), 0) as ' ~ dbt.type_bigint() ~ ')') }}
{{ broken_rules(model, not_null, unique, accepted_values) }}
{% endtest %}
