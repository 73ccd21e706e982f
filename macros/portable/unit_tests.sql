{# PostgreSQL's names end after 63 characters. The sentences that name our unit tests may be longer, and dbt names the table
   in which it looks up a test's types after the test: here it gets the first 63, and a number from dbt. #}
{% materialization unit, adapter='postgres' %}
    {%- do context.update({'this': this.incorporate(path={'identifier': this.identifier[:63]})}) -%}
    {{ return(context['materialization_unit_default']()) }}
{% endmaterialization %}


{# Fixtures in SQL count with generate_series(), a table function that Spark has not: it gets one for the session. #}
{% materialization unit, adapter='spark' %}
    {%- if 'generate_series(' in sql -%}
        {%- call statement('generate_series') -%}
            create or replace temporary function generate_series(first_number int, last_number int)
            returns table (number int)
            return select explode(case when first_number <= last_number then sequence(first_number, last_number) else array() end)
        {%- endcall -%}
    {%- endif -%}
    {{ return(context['materialization_unit_default']()) }}
{% endmaterialization %}
