{# I05: every customer had a deal and every lead with a deal is qualified, so the steps' rates multiply to
   the whole's. #}
select
    lead_id,
    journey_stage

from {{ ref('fct_leads') }}

where
    (became_customer and deal_count = 0)
    or (deal_count > 0 and not is_qualified)
    or (is_strictly_qualified and not is_qualified)
