{# I02: of the deals created, those won, lost, invalid, open and deleted are all, each once. #}
select
    deal_id,
    outcome,
    loss_kind

from {{ ref('fct_deals') }}

where
    case when is_won then 1 else 0 end
    + case when is_lost then 1 else 0 end
    + case when is_invalid then 1 else 0 end
    + case when is_open then 1 else 0 end
    + case when is_deleted then 1 else 0 end
    != 1
