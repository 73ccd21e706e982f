{# Why a row with a word that the vocabulary does not know is rejected, and what to do. #}
{% macro unmapped_sentence(label, column, vocabulary) -%}
    {{ return(dbt.concat([
        "'" ~ label ~ " '",
        masked(column),
        "' is not in the vocabulary: add it to seeds/vocabulary/" ~ vocabulary ~ ".csv, or to vocabulary."
            ~ vocabulary ~ " in the mapping.'"
    ])) }}
{%- endmacro %}
