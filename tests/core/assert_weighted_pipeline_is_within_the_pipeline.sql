{# I09: a probability of more than one, or of less than none, would show here. #}
select
    deal_id,
    snapshot_date,
    amount,
    weighted_amount

from {{ ref('fct_deal_snapshots') }}

where
    probability < 0
    or probability > 1
    or (amount >= 0 and (weighted_amount < 0 or weighted_amount > amount))
