{# A word as it is compared: in lower case, with blanks for the signs that systems put between words. #}
{% macro word_key(text) -%}
    replace(replace(lower({{ text }}), '_', ' '), '-', ' ')
{%- endmacro %}


{# Whether a word is one of a list, whatever its case and signs; false where there is no word. #}
{% macro is_word_of(text, words) -%}
    {%- set keys = [] -%}
    {%- for word in words -%}
        {%- set key = word | string | lower | replace('_', ' ') | replace('-', ' ') | replace("'", "''") -%}
        {%- do keys.append("'" ~ key ~ "'") -%}
    {%- endfor -%}
    coalesce({{ word_key(text) }} in ({{ keys | join(', ') or 'null' }}), false)
{%- endmacro %}


{# A word as the groups of a var call it: {group: [words]}. A word of no group is kept, in lower case. #}
{% macro grouped_word(text, groups) -%}
    case
        {%- for group, words in groups.items() %}
        when {{ is_word_of(text, words) }} then '{{ group }}'
        {%- endfor %}
        else replace({{ word_key(text) }}, ' ', '_')
    end
{%- endmacro %}
