{# I18: a lead who contacted us was answered, never answered, or still waits; an answer never comes before its
   contact, and the working minutes until it fit into those of the clock. #}
select
    response_id,
    response_band,
    inbound_at,
    responded_at,
    response_minutes,
    business_response_minutes

from {{ ref('fct_responses') }}

where
    case when is_responded then 1 else 0 end
    + case when is_pending then 1 else 0 end
    + case when response_band = 'never' then 1 else 0 end
    != 1
    or is_responded != (response_minutes is not null)
    or is_responded != (business_response_minutes is not null)
    or response_minutes < 0
    or captured_minutes < 0
    or business_response_minutes < 0
    or business_response_minutes > response_minutes + 0.000001
