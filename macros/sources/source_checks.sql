{# What var source_health says of a check. #}
{% macro health_rule(check) %}
    {%- set rule = var('source_health').get(check) -%}
    {%- if rule is none -%}
        {{ exceptions.raise_compiler_error(
            "source_health has no '" ~ check ~ "'; a mapping that gives source_health must give all of it"
        ) }}
    {%- endif -%}
    {{ return(rule) }}
{% endmacro %}


{# The column that says when a row of an entity happened: its first required date. None where it has none: an account
   does not happen. #}
{% macro event_column(entity) %}
    {%- if entity == 'survey_responses' -%}
        {{ return('wave_date') }}
    {%- endif -%}
    {%- for column, type in entity_columns(entity).items() -%}
        {%- if 'required' in type and type.split()[0] in ('date', 'timestamp') -%}
            {{ return(column) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}


{% macro event_columns(entities) %}
    {%- set events = {} -%}
    {%- for entity in entities if event_column(entity) -%}
        {%- do events.update({entity: event_column(entity)}) -%}
    {%- endfor -%}
    {{ return(events) }}
{% endmacro %}


{# Whether the column is a timestamp: the others are dates. #}
{% macro is_timestamp(entity, column) %}
    {{ return(entity_columns(entity).get(column, 'date').split()[0] == 'timestamp') }}
{% endmacro %}


{# The column whose values name the rows of an entity; none where nothing does. #}
{% macro key_column(entity) %}
    {%- for column, type in entity_columns(entity).items() if 'id' in type.split() -%}
        {{ return(column) }}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}


{# The entity that a column of another one points to; none where it points to nothing. #}
{% macro parent_entity(entity, column, entities) %}
    {%- set aliases = {'owner_id': 'reps', 'manager_id': 'reps', 'rescheduled_from_id': 'meetings'} -%}
    {%- if column in aliases -%}
        {{ return(aliases[column] if aliases[column] in entities else none) }}
    {%- endif -%}
    {%- for parent in entities if parent != entity and key_column(parent) == column -%}
        {{ return(parent) }}
    {%- endfor -%}
    {{ return(none) }}
{% endmacro %}


{# What a check judges in each entity: {entity: {name: {among: condition, good: condition}}}, of the entities that have
   something to judge. #}
{% macro judged_cells(entities) %}
    {%- set judged = {} -%}
    {%- for entity in entities -%}
        {%- set columns = {} -%}
        {%- set rules = fill_rules(entity) -%}
        {%- for column in entity_columns(entity) -%}
            {%- set rule = rules.get(column, {}) -%}
            {%- if rule != 'may be empty' -%}
                {%- do columns.update({column: {
                    'among': rule.get('among', '1 = 1'), 'good': rule.get('good', column ~ ' is not null'),
                }}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do judged.update({entity: columns}) -%}
    {%- endfor -%}
    {{ return(judged) }}
{% endmacro %}


{% macro judged_values(entities) %}
    {%- set judged = {} -%}
    {%- for entity in entities if domain_rules(entity) -%}
        {%- do judged.update({entity: domain_rules(entity)}) -%}
    {%- endfor -%}
    {{ return(judged) }}
{% endmacro %}


{# Here each column also has the entity that it points to, as parent. #}
{% macro judged_keys(entities) %}
    {%- set judged = {} -%}
    {%- for entity in entities -%}
        {%- set columns = {} -%}
        {%- for column in entity_columns(entity) if parent_entity(entity, column, entities) -%}
            {%- do columns.update({column: {
                'among': entity ~ '.' ~ column ~ ' is not null',
                'good': 'parent_of_' ~ column ~ '.known_id is not null',
                'parent': parent_entity(entity, column, entities),
            }}) -%}
        {%- endfor -%}
        {%- if columns -%}
            {%- do judged.update({entity: columns}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(judged) }}
{% endmacro %}


{# Here each column also has where its words are looked up, as vocabulary; none where an unknown word rejected its
   row. #}
{% macro judged_words(entities) %}
    {%- set judged = {} -%}
    {%- for entity in entities if word_columns(entity) -%}
        {%- set columns = {} -%}
        {%- for column, vocabulary in word_columns(entity).items() -%}
            {%- set code = entity ~ '.rejection_code' -%}
            {%- set has_word = entity ~ '.' ~ column ~ ' is not null' -%}
            {%- if vocabulary.startswith('unmapped') -%}
                {%- do columns.update({column: {
                    'among': has_word ~ ' and coalesce(' ~ code ~ ", '" ~ vocabulary ~ "') = '" ~ vocabulary ~ "'",
                    'good': code ~ ' is null',
                    'vocabulary': none,
                }}) -%}
            {%- else -%}
                {%- do columns.update({column: {
                    'among': has_word ~ ' and ' ~ code ~ ' is null',
                    'good': 'known_' ~ column ~ '.word is not null',
                    'vocabulary': vocabulary,
                }}) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do judged.update({entity: columns}) -%}
    {%- endfor -%}
    {{ return(judged) }}
{% endmacro %}


{# The two numbers of a share, as columns of one row: `<name>_rows`, the rows that are judged, and `<name>_good`, those
   among them that pass; with examples, also one value of those that do not. #}
{% macro share_counts(entity, judged, examples=false) -%}
    {%- set counts = [] -%}
    {%- for name, rule in judged.items() -%}
        {%- set good = '(' ~ rule.among ~ ') and (' ~ rule.good ~ ')' -%}
        {%- set bad = '(' ~ rule.among ~ ') and not (' ~ rule.good ~ ')' -%}
        {%- do counts.append('count(case when ' ~ rule.among ~ ' then 1 end) as ' ~ name ~ '_rows') -%}
        {%- do counts.append('count(case when ' ~ good ~ ' then 1 end) as ' ~ name ~ '_good') -%}
        {%- if examples -%}
            {%- set shown = masked(entity ~ '.' ~ name) -%}
            {%- do counts.append('max(case when ' ~ bad ~ ' then ' ~ shown ~ ' end) as ' ~ name ~ '_example') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ counts | join(',\n        ') }}
{%- endmacro %}


{# That one row of each entity, counted_<entity>, as a row for each share. #}
{% macro shares_as_rows(judged, examples=false) -%}
    {%- set selects = [] -%}
    {%- for entity, names in judged.items() -%}
        {%- for name in names -%}
            {%- set shown = [
                "'" ~ entity ~ "' as entity", "'" ~ name ~ "' as column_name", name ~ '_rows as row_count',
                name ~ '_good as good_count',
            ] -%}
            {%- if examples -%}
                {%- do shown.append(name ~ '_example as example') -%}
            {%- endif -%}
            {%- do selects.append(
                'select\n        ' ~ shown | join(',\n        ') ~ '\n    from counted_' ~ entity
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ selects | join('\n\n    union all\n\n    ') }}
{%- endmacro %}


{# The joins that tell whether what a column points to, or the word in it, is known. #}
{% macro joined_parents(entity, judged) -%}
    {%- for column, rule in judged.items() -%}
    left join known_{{ rule.parent }} as parent_of_{{ column }}
        on {{ entity }}.{{ column }} = parent_of_{{ column }}.known_id
    {% endfor -%}
{%- endmacro %}


{% macro joined_vocabularies(entity, judged) -%}
    {%- for column, rule in judged.items() if rule.vocabulary -%}
    left join known_{{ rule.vocabulary }} as known_{{ column }}
        on lower({{ entity }}.{{ column }}) = known_{{ column }}.word
    {% endfor -%}
{%- endmacro %}


{# Which rows are to fill a column: all but those that this says. `among` leaves rows out, `good` says what fills it in
   another way. 'may be empty': an empty cell of the column says something, so nothing is missing. #}
{% macro fill_rules(entity) %}
    {%- set ended = is_word_of('status', var('ended_statuses')) -%}
    {%- set calls = is_word_of('activity_type', var('contact_types').get('call', [])) -%}
    {%- set is_past = 'scheduled_for < ' ~ as_of_end() -%}
    {{ return({
        'leads': {
            'qualified_at': {'among': 'converted_at is not null' if var('qualified_by') != 'score' else '1 = 0'},
            'estimated_value': {
                'among': 'qualified_at is not null and converted_at is null and disqualified_at is null',
            },
        },
        'deals': {
            'lead_id': 'may be empty',
            'account_id': {'among': "outcome = 'won'"},
            'amount': {'among': "outcome = 'won'"},
            'closed_at': {'among': "outcome != 'open'"},
            'expected_close_date': {'among': "outcome = 'open'"},
            'lost_reason': {'among': "outcome = 'lost'"},
            'channel': {'among': "outcome = 'won'", 'good': 'channel is not null or lead_id is not null'},
        },
        'deal_changes': {'stage': 'may be empty', 'amount': 'may be empty', 'expected_close_date': 'may be empty', 'owner_id': 'may be empty'},
        'spend': {
            'cost_type': 'may be empty',
            'channel': {'among': "coalesce(lower(cost_type), 'lead_generation') = 'lead_generation'"},
        },
        'activities': {
            'direction': 'may be empty',
            'lead_id': {'good': 'lead_id is not null or deal_id is not null'},
            'rep_id': {'among': 'not coalesce(is_automated, false)'},
            'duration_seconds': {'among': calls ~ ' and ' ~ is_word_of('outcome', ['connected', 'answered'])},
        },
        'meetings': {
            'lead_id': {'good': 'lead_id is not null or deal_id is not null'},
            'response': {'among': is_past},
            'final_status': {
                'among': is_past ~ ' and ' ~ is_word_of('response', ['accepted', 'accept', 'yes', 'confirmed']),
            },
        },
        'subscriptions': {'ended_on': {'among': ended}, 'billing_period': 'may be empty'},
        'content_views': {
            'lead_id': {'among': 'not coalesce(is_bot, false)'},
            'sent_at': {'among': 'not coalesce(is_bot, false)'},
            'length_seconds': {'among': "lower(content_type) = 'video'"},
            'watched_seconds': {'among': "lower(content_type) = 'video' and not coalesce(is_bot, false)"},
        },
        'survey_responses': {'brand': 'may be empty', 'weight': 'may be empty', 'rank': {'among': 'brand is not null'}},
    }.get(entity, {})) }}
{% endmacro %}


{# Columns without which the project falls back on a rule that it states: empty cells warn, and never stop a KPI. #}
{% macro columns_with_a_fallback() %}
    {{ return({
        'leads': ['estimated_value'],
        'deals': ['account_id', 'lost_reason', 'channel'],
    }) }}
{% endmacro %}


{# Whether a timestamp falls on the day of an earlier one, or later. #}
{% macro in_order(first, second) -%}
    {{ reporting_date(second) }} >= {{ reporting_date(first) }}
{%- endmacro %}


{# What a cell can be, where its row was readable. Refunds may be negative. #}
{% macro domain_rules(entity) %}
    {%- set known_by = "greatest(coalesce(loaded_at, " ~ as_of_end() ~ "), " ~ as_of_end() ~ ")" -%}
    {{ return({
        'leads': {
            'qualified_at': {'among': 'qualified_at is not null', 'good': in_order('created_at', 'qualified_at')},
            'converted_at': {'among': 'converted_at is not null', 'good': in_order('created_at', 'converted_at')},
            'lead_score': {'among': 'lead_score is not null', 'good': 'lead_score >= 0'},
            'estimated_value': {'among': 'estimated_value is not null', 'good': 'estimated_value >= 0'},
        },
        'deals': {
            'amount': {'among': 'amount is not null', 'good': 'amount >= 0'},
            'closed_at': {
                'among': "outcome != 'open' and closed_at is not null",
                'good': in_order('created_at', 'closed_at') ~ ' and closed_at <= ' ~ known_by,
            },
        },
        'deal_changes': {'amount': {'among': 'amount is not null', 'good': 'amount >= 0'}},
        'activities': {
            'duration_seconds': {'among': 'duration_seconds is not null', 'good': 'duration_seconds >= 0'},
        },
        'meetings': {
            'scheduled_for': {'among': 'scheduled_for is not null', 'good': 'scheduled_for >= requested_at'},
            'responded_at': {'among': 'responded_at is not null', 'good': 'responded_at >= requested_at'},
        },
        'subscriptions': {
            'ended_on': {'among': 'ended_on is not null', 'good': 'ended_on >= started_on'},
            'amount': {'among': 'amount is not null', 'good': 'amount >= 0'},
        },
        'content_views': {
            'sent_at': {'among': 'sent_at is not null', 'good': 'sent_at <= viewed_at'},
            'watched_seconds': {'among': 'watched_seconds is not null', 'good': 'watched_seconds >= 0'},
        },
        'survey_responses': {
            'weight': {'among': 'weight is not null', 'good': 'weight > 0'},
            'rank': {'among': 'rank is not null', 'good': 'rank >= 1'},
        },
        'web_visits': {'visits': {'among': '1 = 1', 'good': 'visits >= 0'}},
        'currency_rates': {'rate': {'among': '1 = 1', 'good': 'rate > 0'}},
    }.get(entity, {})) }}
{% endmacro %}


{# The columns whose words the business gives a meaning, and where it does. Words that stop a row are counted by their
   rejection; the others are looked up. #}
{% macro word_columns(entity) %}
    {{ return({
        'leads': {'channel': 'channels', 'country': 'countries', 'currency': 'currencies'},
        'deals': {
            'stage': 'unmapped_stage', 'channel': 'channels', 'lost_reason': 'lost_reasons', 'currency': 'currencies',
        },
        'deal_changes': {'stage': 'unmapped_stage'},
        'spend': {'cost_type': 'unmapped_cost_type', 'channel': 'channels', 'currency': 'currencies'},
        'accounts': {'country': 'countries'},
        'activities': {'channel': 'channels'},
        'subscriptions': {'billing_period': 'unmapped_billing_period', 'currency': 'currencies'},
        'payments': {'currency': 'currencies'},
        'survey_responses': {'brand': 'brands'},
        'web_visits': {'channel': 'channels'},
        'campaigns': {'channel': 'channels'},
    }.get(entity, {})) }}
{% endmacro %}
