{# When a lead qualified, in the strict sense: an event that somebody recorded, a score that reached the threshold on
   arrival, or whichever came first (var qualified_by). #}
{% macro qualified_at(lead, milestones) -%}
    {%- set event = milestones ~ '.qualified_at' -%}
    {%- set score -%}
        case when {{ lead }}.lead_score >= {{ var('high_potential_score') }} then {{ lead }}.created_at end
    {%- endset -%}
    {%- if var('qualified_by') == 'event' -%}
        {{ event }}
    {%- elif var('qualified_by') == 'score' -%}
        {{ score }}
    {%- elif var('qualified_by') == 'either' -%}
        case
            when {{ event }} is null then {{ score }}
            when {{ lead }}.lead_score >= {{ var('high_potential_score') }} and {{ lead }}.created_at < {{ event }}
                then {{ lead }}.created_at
            else {{ event }}
        end
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "qualified_by is '" ~ var('qualified_by') ~ "'; choose event, score or either"
        ) }}
    {%- endif -%}
{%- endmacro %}
