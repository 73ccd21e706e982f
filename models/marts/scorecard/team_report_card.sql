{# How each team does, KPI by KPI, beside the company and the other teams. #}
{{ report_card('team') }}
