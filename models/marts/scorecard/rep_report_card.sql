{# How each rep does, KPI by KPI, beside the company and the other reps. #}
{{ report_card('rep') }}
