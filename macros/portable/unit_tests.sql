{# PostgreSQL's names end after 63 characters. The sentences that name our unit tests may be longer, and dbt names the table
   in which it looks up a test's types after the test: here it gets the first 63, and a number from dbt. #}
{% materialization unit, adapter='postgres' %}
    {%- do context.update({'this': this.incorporate(path={'identifier': this.identifier[:63]})}) -%}
    {{ return(context['materialization_unit_default']()) }}
{% endmaterialization %}
