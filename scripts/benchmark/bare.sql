-- The cells of scorecard.kpi_values, made by one DuckDB script and nothing else: what the numbers cost when nothing is
-- tested, documented, kept for a look or portable. Variables: `folder` (the Parquet files), `vocabulary` (the seeds),
-- `as_of` (a date).
--
-- It follows the rules of the models, and takes every short cut that this data allows: timestamps are read as such,
-- money is numeric(18, 6), the zone is UTC, the fiscal year starts in January, one file is read once.

create temp macro clean(cell) as nullif(trim(cell), '');

create temp macro number_of(cell) as try_cast(trim(cell) as decimal(18, 6));

create temp macro is_bad_number(cell) as coalesce(clean(cell) is not null and number_of(cell) is null, false);

create temp macro is_bad_date(cell) as coalesce(cell < '1900-01-01' or cell >= '2200-01-01', false);

create temp macro quotient(numerator, denominator) as (numerator / nullif(denominator, 0))::decimal(28, 6);

-- Rounding a wide product and then casting it takes a third of the time of casting alone.
create temp macro converted(amount, rate) as
    case when rate = 1 then amount else round(amount * rate, 6)::decimal(18, 6) end;

create temp macro segment_of(employees) as
    case
        when employees >= 1000 then 'Enterprise'
        when employees >= 100 then 'Mid-Market'
        when employees >= 0 then 'SMB'
    end;


---------- vocabulary and small tables

create temp table stages as
select
    lower(trim(stage)) as stage_key,
    stage,
    lower(outcome) as outcome,
    probability::decimal(19, 6) as probability
from read_csv(getvariable('vocabulary') || '/stages.csv', all_varchar = true);

create temp table lost_reasons as
select
    lower(trim(lost_reason)) as reason_key,
    lower(loss_kind) as loss_kind
from read_csv(getvariable('vocabulary') || '/lost_reasons.csv', all_varchar = true);

create temp table channels as
select
    lower(trim(channel_name)) as channel_key,
    max(coalesce(channel, channel_name)) as channel,
    bool_or(is_paid = 'true') as is_paid
from read_csv(getvariable('vocabulary') || '/channels.csv', all_varchar = true)
group by channel_key;

create temp table paid_channels as
select distinct channel from channels where is_paid;

create temp table countries as
select
    lower(trim(country_name)) as country_key,
    region
from read_csv(getvariable('vocabulary') || '/countries.csv', all_varchar = true);

create temp table accounts as
select
    clean(account_id) as account_id,
    coalesce(clean(segment), segment_of(employee_count)) as segment,
    coalesce(clean(accounts.region), countries.region) as region
from read_parquet(getvariable('folder') || '/accounts.parquet') as accounts
left join countries on lower(trim(accounts.country)) = countries.country_key
where clean(account_id) is not null;

create temp table rates as
with known as (
    select
        upper(clean(currency)) as currency,
        rate_date as valid_from,
        lead(rate_date, 1, date '2100-01-01') over (partition by upper(clean(currency)) order by rate_date) as valid_to,
        rate::decimal(19, 6) as rate
    from read_parquet(getvariable('folder') || '/currency_rates.parquet')
)
select
    known.currency,
    days.day::date as rate_date,
    case known.currency when 'USD' then 1 else known.rate end as rate
from known
inner join range(date '2015-01-01', date '2028-01-01', interval 1 day) as days(day)
    on known.valid_from <= days.day and days.day < known.valid_to;


---------- spend

create temp table spend as
with lines as (
    select
        spend_date,
        date_trunc('month', spend_date)::date as month,
        converted(number_of(amount), rates.rate) as amount,
        coalesce(lower(clean(cost_type)), 'lead_generation') as cost_type,
        coalesce(channels.channel, lower(clean(spend.channel)), 'unallocated') as channel,
        coalesce(clean(campaign), '(none)') as campaign
    from read_parquet(getvariable('folder') || '/spend.parquet') as spend
    left join channels on lower(trim(spend.channel)) = channels.channel_key
    left join rates
        on coalesce(upper(clean(spend.currency)), 'USD') = rates.currency
        and spend.spend_date = rates.rate_date
    where
        spend_date <= getvariable('as_of')
        and not is_bad_date(spend_date)
        and number_of(spend.amount) is not null
        and coalesce(lower(clean(cost_type)), 'other') in ('lead_generation', 'sales', 'other')
)
select
    spend_date,
    month,
    channel,
    campaign,
    channel in (from paid_channels) as is_paid,
    case when cost_type = 'lead_generation' then amount end as lead_generation_amount,
    case when cost_type != 'other' then amount end as acquisition_amount
from lines;

set variable first_cost_month = (select min(month) from spend);


---------- leads

create temp table leads as
select
    clean(lead_id) as lead_id,
    lower(clean(email)) as person_key,
    clean(owner_id) as rep_id,
    coalesce(channels.channel, lower(clean(leads.channel))) as channel,
    clean(campaign) as campaign,
    segment_of(employee_count) as segment,
    countries.region,
    coalesce(number_of(lead_score) >= 60, false) as is_high_potential,
    converted(number_of(estimated_value), rates.rate) as estimated_value,
    created_at,
    case when qualified_at::date <= getvariable('as_of') then qualified_at::date end as qualified_date,
    case when disqualified_at::date <= getvariable('as_of') then disqualified_at::date end as disqualified_date,
    case when converted_at::date <= getvariable('as_of') then converted_at::date end as converted_date,
    loaded_at,
    file_row_number
from read_parquet(getvariable('folder') || '/leads.parquet', file_row_number = true) as leads
left join channels on lower(trim(leads.channel)) = channels.channel_key
left join countries on lower(trim(leads.country)) = countries.country_key
left join rates
    on coalesce(upper(clean(leads.currency)), 'USD') = rates.currency
    and rates.rate_date = getvariable('as_of')
where
    clean(lead_id) is not null
    and created_at >= '1900-01-01' and created_at < '2200-01-01'
    and not is_bad_date(qualified_at)
    and not is_bad_date(disqualified_at)
    and not is_bad_date(converted_at)
    and not is_bad_number(lead_score)
    and not is_bad_number(estimated_value)
    and not coalesce(is_test or lower(trim(email)) like '%@own.example', false);

-- Of several copies of a record, the one that was loaded last.
delete from leads
where rowid in (
    select rowid
    from leads
    where lead_id in (select lead_id from leads group by lead_id having count(*) > 1)
    qualify row_number() over (
        partition by lead_id order by loaded_at desc nulls last, (file_row_number + 2)::varchar desc
    ) > 1
);

-- One person is the earliest of several leads. Only those who came more than once are looked at.
create temp table returning_leads as
select
    lead_id,
    first_value(lead_id) over (partition by person_key order by created_at, lead_id) as person_id,
    created_at,
    qualified_date,
    disqualified_date,
    converted_date
from leads
where person_key in (select person_key from leads group by person_key having count(*) > 1);

create temp table people as
with milestones as (
    select
        person_id,
        min(qualified_date) as qualified_date,
        case when count(disqualified_date) = count(*) then max(disqualified_date) end as disqualified_date,
        min(converted_date) as converted_date
    from returning_leads
    where created_at::date <= getvariable('as_of')
    group by person_id
)
select
    leads.* exclude (
        person_key, created_at, qualified_date, disqualified_date, converted_date, loaded_at, file_row_number
    ),
    leads.created_at::date as created_date,
    coalesce(milestones.qualified_date, leads.qualified_date) as strictly_qualified_date,
    case when milestones.person_id is null then leads.disqualified_date else milestones.disqualified_date end
        as disqualified_date,
    coalesce(milestones.converted_date, leads.converted_date) as converted_date
from leads
left join milestones on leads.lead_id = milestones.person_id
where
    leads.created_at::date <= getvariable('as_of')
    and leads.lead_id not in (select lead_id from returning_leads where lead_id != person_id);


---------- deals

create temp table deals as
select
    clean(deal_id) as deal_id,
    clean(lead_id) as lead_id,
    clean(account_id) as account_id,
    clean(owner_id) as rep_id,
    stages.stage,
    stages.outcome,
    coalesce(upper(clean(deals.currency)), 'USD') as currency,
    coalesce(channels.channel, lower(clean(deals.channel))) as channel,
    clean(campaign) as campaign,
    coalesce(lost_reasons.loss_kind, 'competitive') as loss_kind,
    number_of(amount) as amount,
    coalesce(is_deleted, false) as is_deleted,
    try_cast(trim(expected_close_date) as date) as expected_close_date,
    created_at,
    case when stages.outcome != 'open' then closed_at end as closed_at,
    loaded_at,
    file_row_number
from read_parquet(getvariable('folder') || '/deals.parquet', file_row_number = true) as deals
inner join stages on lower(trim(deals.stage)) = stages.stage_key
left join channels on lower(trim(deals.channel)) = channels.channel_key
left join lost_reasons on lower(trim(deals.lost_reason)) = lost_reasons.reason_key
where
    clean(deal_id) is not null
    and created_at >= '1900-01-01' and created_at < '2200-01-01'
    and not is_bad_date(closed_at)
    and not is_bad_number(amount)
    and (
        clean(expected_close_date) is null
        or try_cast(trim(expected_close_date) as date) between '1900-01-01' and '2199-12-31'
    );

delete from deals
where rowid in (
    select rowid
    from deals
    where deal_id in (select deal_id from deals group by deal_id having count(*) > 1)
    qualify row_number() over (
        partition by deal_id order by loaded_at desc nulls last, (file_row_number + 2)::varchar desc
    ) > 1
);


---------- history

create temp table changes as
select
    deals.deal_id,
    deals.outcome as last_outcome,
    deals.closed_at as last_closed_at,
    changed_at,
    coalesce(recorded_at, changed_at) as recorded_at,
    stages.stage,
    stages.outcome,
    clean(owner_id) as rep_id,
    number_of(changes.amount) as amount,
    try_cast(trim(changes.expected_close_date) as date) as expected_close_date,
    greatest(changed_at, coalesce(recorded_at, changed_at))::date <= getvariable('as_of') as is_known
from read_parquet(getvariable('folder') || '/deal_changes.parquet') as changes
inner join deals on clean(changes.deal_id) = deals.deal_id
left join stages on lower(trim(changes.stage)) = stages.stage_key
where
    changed_at >= '1900-01-01' and changed_at < '2200-01-01'
    and not is_bad_date(recorded_at)
    and not is_bad_number(changes.amount)
    and (
        clean(changes.expected_close_date) is null
        or try_cast(trim(changes.expected_close_date) as date) between '1900-01-01' and '2199-12-31'
    )
    and (clean(changes.stage) is null or stages.outcome is not null)
    and least(deals.created_at, deals.closed_at)::date <= getvariable('as_of');

-- The record of today, and whether it was known on the as-of date.
create temp table records as
with summary as (
    select
        deal_id,
        min(changed_at) filter (where is_known) as first_known_at,
        max(changed_at) as last_changed_at,
        bool_and(is_known) as all_are_known,
        max(changed_at) filter (where outcome != last_outcome and changed_at < last_closed_at) as last_other_at,
        count(rep_id) > 0 as tells_reps,
        count(amount) > 0 as tells_amounts,
        count(expected_close_date) > 0 as tells_close_dates
    from changes
    group by deal_id
),
followed as (
    select
        deal_id,
        changed_at,
        recorded_at,
        outcome,
        last_outcome,
        lag(outcome) over deal is distinct from outcome as is_new,
        lead(outcome) over deal is null as is_last
    from changes
    where outcome is not null and last_outcome != 'open'
    window deal as (partition by deal_id order by changed_at, outcome = last_outcome, outcome)
),
ended as (
    select
        *,
        max(case when is_new and outcome = last_outcome then changed_at end) over (partition by deal_id) as ended_at
    from followed
),
endings as (
    select
        deal_id,
        case when bool_or(is_last) then ended_at end as outcome_told_at,
        min(recorded_at) as outcome_recorded_at
    from ended
    where outcome = last_outcome and changed_at >= ended_at
    group by deal_id, ended_at
),
dated as (
    select
        deals.* exclude (loaded_at, file_row_number) replace (
            coalesce(deals.closed_at, endings.outcome_told_at) as closed_at
        ),
        endings.outcome_recorded_at,
        summary.* exclude (deal_id),
        summary.deal_id is not null as has_changes
    from deals
    left join summary on deals.deal_id = summary.deal_id
    left join endings on deals.deal_id = endings.deal_id
    where least(deals.created_at, deals.closed_at)::date <= getvariable('as_of')
)
select
    *,
    outcome = 'open' or closed_at is not null as is_dated,
    coalesce(closed_at, last_changed_at, created_at) as record_at,
    case
        when closed_at is null then coalesce(all_are_known, true)
        else greatest(closed_at, coalesce(outcome_recorded_at, closed_at))::date <= getvariable('as_of')
    end as record_is_known
from dated;

-- What a deal was, from when to when: rebuilt only where something was recorded.
create temp table versions as
with counting_changes as (
    -- A stage that was set before the day of the close waits for it.
    select
        changes.*,
        coalesce(
            changes.outcome = changes.last_outcome
            and changes.changed_at < changes.last_closed_at
            and changes.changed_at >= coalesce(records.last_other_at, changes.changed_at),
            false
        ) as is_set_in_advance
    from changes
    inner join records on changes.deal_id = records.deal_id
    where changes.is_known and (not records.record_is_known or changes.changed_at < records.record_at)
),
events as (
    select
        deal_id,
        least(created_at, closed_at, first_known_at) as event_at,
        0 as step,
        null as stage,
        'open' as outcome,
        case when not tells_reps then rep_id end as rep_id,
        case when not tells_amounts then amount end as amount,
        case when not tells_close_dates then expected_close_date end as expected_close_date
    from records
    where has_changes

    union all

    select
        deal_id,
        changed_at,
        1,
        case when not is_set_in_advance then stage end,
        case when not is_set_in_advance then outcome end,
        rep_id,
        amount,
        expected_close_date
    from counting_changes

    union all

    select
        deal_id,
        record_at,
        2,
        stage,
        outcome,
        rep_id,
        amount,
        expected_close_date
    from records
    where has_changes and record_is_known
),
carried as (
    select
        deal_id,
        step,
        event_at::date as valid_from,
        lead(event_at::date) over deal as valid_to,
        case step when 2 then stage else last_value(stage ignore nulls) over so_far end as stage,
        case step when 2 then outcome else last_value(outcome ignore nulls) over so_far end as outcome,
        case step when 2 then rep_id else last_value(rep_id ignore nulls) over so_far end as rep_id,
        case step when 2 then amount else last_value(amount ignore nulls) over so_far end as amount,
        case step when 2 then expected_close_date else last_value(expected_close_date ignore nulls) over so_far end
            as expected_close_date,
        first_value(rep_id ignore nulls) over whole as first_rep_id,
        first_value(amount ignore nulls) over whole as first_amount,
        first_value(expected_close_date ignore nulls) over whole as first_expected_close_date
    from events
    window
        deal as (partition by deal_id order by event_at, step, outcome is distinct from 'open', outcome, amount, stage),
        so_far as (
            partition by deal_id order by event_at, step, outcome is distinct from 'open', outcome, amount, stage
            rows between unbounded preceding and current row
        ),
        whole as (
            partition by deal_id order by event_at, step, outcome is distinct from 'open', outcome, amount, stage
            rows between unbounded preceding and unbounded following
        )
)
select
    deal_id,
    valid_from,
    valid_to,
    stage,
    outcome,
    case step when 2 then rep_id else coalesce(rep_id, first_rep_id) end as rep_id,
    case step when 2 then amount else coalesce(amount, first_amount) end as amount,
    case step when 2 then expected_close_date else coalesce(expected_close_date, first_expected_close_date) end
        as expected_close_date
from carried;


---------- reps: those whom nobody lists are reps all the same, and two of one name are two

create temp table reps as
with listed as (
    select
        clean(rep_id) as rep_id,
        clean(rep_name) as rep_name,
        clean(team) as team
    from read_parquet(getvariable('folder') || '/reps.parquet')
    where clean(rep_id) is not null
),
seen as (
    select rep_id from listed
    union
    select rep_id from leads
    union
    select rep_id from deals
    union
    select rep_id from changes
),
named as (
    select
        seen.rep_id,
        coalesce(listed.rep_name, seen.rep_id) as rep_name,
        listed.team
    from seen
    left join listed on seen.rep_id = listed.rep_id
    where seen.rep_id is not null
)
select
    rep_id,
    case when count(*) over (partition by rep_name) > 1 then rep_name || ' (' || rep_id || ')' else rep_name end as rep,
    coalesce(team, '(none)') as team
from named;


---------- facts: slices and measures, nothing else

create temp table deal_facts as
with last_known as (
    select *
    from versions
    where valid_to is null and deal_id in (select deal_id from records where not record_is_known)
),
latest as (
    select
        records.* replace (
            case when record_is_known then records.outcome else coalesce(last_known.outcome, 'open') end as outcome,
            case when last_known.deal_id is null then records.rep_id else last_known.rep_id end as rep_id,
            case when last_known.deal_id is null then records.amount else last_known.amount end as amount
        ),
        case
            when not record_is_known then case when last_known.outcome != 'open' then last_known.valid_from end
            when records.outcome != 'open' and is_dated then record_at::date
        end as closed_date
    from records
    left join last_known on records.deal_id = last_known.deal_id
)
select
    latest.deal_id,
    people.lead_id,
    coalesce(latest.account_id, 'lead ' || people.lead_id, 'deal ' || latest.deal_id) as customer_id,
    latest.rep_id,
    latest.currency,
    coalesce(latest.channel, people.channel, '(none)') as channel,
    coalesce(latest.campaign, people.campaign, '(none)') as campaign,
    coalesce(accounts.segment, people.segment, '(none)') as segment,
    coalesce(accounts.region, people.region, '(none)') as region,
    converted(latest.amount, rates.rate) as amount,
    not latest.is_deleted and latest.outcome = 'open' as is_open,
    not latest.is_deleted and latest.outcome = 'won' as is_won,
    not latest.is_deleted and latest.outcome = 'lost' and latest.loss_kind != 'invalid' as is_lost,
    not latest.is_deleted and latest.outcome = 'lost' and latest.loss_kind = 'no_decision' as is_no_decision,
    not latest.is_deleted
    and (latest.outcome = 'invalid' or latest.outcome = 'lost' and latest.loss_kind = 'invalid') as is_invalid,
    latest.is_deleted,
    latest.created_at::date as created_date,
    latest.closed_date
from latest
left join returning_leads on latest.lead_id = returning_leads.lead_id
left join people on coalesce(returning_leads.person_id, latest.lead_id) = people.lead_id
left join accounts on latest.account_id = accounts.account_id
left join rates
    on latest.currency = rates.currency
    and coalesce(latest.closed_date, getvariable('as_of')) = rates.rate_date;

create temp table lead_facts as
with milestones as (
    select
        lead_id,
        min(created_date) as first_deal_date,
        min(closed_date) filter (where is_won) as customer_date,
        max(closed_date) as last_closed_date,
        bool_or(is_open) as has_open_deal,
        bool_or(is_won) as became_customer,
        sum(amount) filter (where is_open) as open_deal_amount,
        sum(amount) as deal_amount
    from deal_facts
    where lead_id is not null and not is_deleted
    group by lead_id
)
select
    coalesce(reps.rep, '(none)') as rep,
    coalesce(reps.team, '(none)') as team,
    coalesce(people.channel, '(none)') as channel,
    coalesce(people.campaign, '(none)') as campaign,
    coalesce(people.segment, '(none)') as segment,
    coalesce(people.region, '(none)') as region,
    people.is_high_potential,
    coalesce(people.estimated_value, milestones.open_deal_amount, milestones.deal_amount)::decimal(18, 6)
        as potential_amount,
    people.strictly_qualified_date is not null as is_strictly_qualified,
    coalesce(milestones.became_customer, false) as became_customer,
    date_trunc('month', people.created_date)::date as created_month,
    date_trunc('month', coalesce(
        people.strictly_qualified_date, least(people.converted_date, milestones.first_deal_date)
    ))::date as qualified_month,
    date_trunc('month', case
        when milestones.became_customer then greatest(milestones.customer_date, people.created_date)
        when milestones.has_open_deal then null
        when people.disqualified_date is not null then greatest(people.disqualified_date, people.created_date)
        when milestones.lead_id is not null then greatest(milestones.last_closed_date, people.created_date)
    end)::date as left_open_month
from people
left join milestones on people.lead_id = milestones.lead_id
left join reps on people.rep_id = reps.rep_id;

create temp table closed_deals as
with first_wins as (
    select arg_min(deal_id, {'closed_date': closed_date, 'deal_id': deal_id}) as deal_id
    from deal_facts
    where is_won and closed_date is not null
    group by customer_id
)
select
    coalesce(reps.rep, '(none)') as rep,
    coalesce(reps.team, '(none)') as team,
    deal_facts.* exclude (deal_id, lead_id, rep_id, currency, is_open, is_deleted, created_date, closed_date),
    date_trunc('month', closed_date)::date as month,
    deal_facts.deal_id in (from first_wins) as is_first_win,
    deal_facts.channel in (from paid_channels) as is_paid,
    coalesce(closed_date >= getvariable('first_cost_month'), false) as has_known_cost,
    coalesce(closed_date >= getvariable('first_cost_month') + interval 1 month, false) as has_known_earlier_cost
from deal_facts
left join reps on deal_facts.rep_id = reps.rep_id
where (is_won or is_lost or is_invalid) and closed_date <= getvariable('as_of');


---------- one pass over each fact and date: months by slice member

-- The one slice of a grouping set that is there.
create temp macro slice_of(rep, team, channel, campaign, segment, region) as
    case
        when rep is not null then 'rep'
        when team is not null then 'team'
        when channel is not null then 'channel'
        when campaign is not null then 'campaign'
        when segment is not null then 'segment'
        when region is not null then 'region'
        else 'all'
    end;

create temp table leads_created as
select
    created_month as month,
    slice_of(rep, team, channel, campaign, segment, region) as slice,
    coalesce(rep, team, channel, campaign, segment, region, 'all') as slice_value,
    count(*) as leads,
    count(*) filter (where qualified_month is not null) as qualified,
    count(*) filter (where is_strictly_qualified) as strictly_qualified,
    count(*) filter (where became_customer and created_month >= getvariable('first_cost_month'))
        as customers_of_known_cost,
    count(*) filter (where is_high_potential) as high_potential,
    count(potential_amount) as valued,
    sum(potential_amount) as potential
from lead_facts
group by grouping sets (
    (created_month),
    (created_month, rep),
    (created_month, team),
    (created_month, channel),
    (created_month, campaign),
    (created_month, segment),
    (created_month, region)
);

create temp table leads_qualified as
select
    qualified_month as month,
    slice_of(rep, team, channel, campaign, segment, region) as slice,
    coalesce(rep, team, channel, campaign, segment, region, 'all') as slice_value,
    count(*) as leads,
    count(*) filter (where became_customer) as customers,
    count(*) filter (where is_strictly_qualified) as strict_leads,
    count(*) filter (where is_strictly_qualified and became_customer) as strict_customers
from lead_facts
where qualified_month is not null
group by grouping sets (
    (qualified_month),
    (qualified_month, rep),
    (qualified_month, team),
    (qualified_month, channel),
    (qualified_month, campaign),
    (qualified_month, segment),
    (qualified_month, region)
);

create temp table leads_left as
select
    left_open_month as month,
    slice_of(rep, team, channel, campaign, segment, region) as slice,
    coalesce(rep, team, channel, campaign, segment, region, 'all') as slice_value,
    count(*) filter (where is_high_potential) as high_potential,
    count(potential_amount) as valued,
    sum(potential_amount) as potential
from lead_facts
where left_open_month is not null
group by grouping sets (
    (left_open_month),
    (left_open_month, rep),
    (left_open_month, team),
    (left_open_month, channel),
    (left_open_month, campaign),
    (left_open_month, segment),
    (left_open_month, region)
);

create temp table deals_created as
select
    date_trunc('month', created_date)::date as month,
    slice_of(rep, team, channel, campaign, segment, region) as slice,
    coalesce(rep, team, channel, campaign, segment, region, 'all') as slice_value,
    count(*) as deals,
    count(*) filter (where is_won) as won,
    count(*) filter (where is_won or is_lost) as resolved
from (
    select
        deal_facts.* replace (date_trunc('month', created_date)::date as created_date),
        coalesce(reps.rep, '(none)') as rep,
        coalesce(reps.team, '(none)') as team
    from deal_facts
    left join reps on deal_facts.rep_id = reps.rep_id
    where (is_won or is_lost or is_open) and created_date <= getvariable('as_of')
) as created
group by grouping sets (
    (created_date),
    (created_date, rep),
    (created_date, team),
    (created_date, channel),
    (created_date, campaign),
    (created_date, segment),
    (created_date, region)
);

create temp table deals_closed as
select
    month,
    slice_of(rep, team, channel, campaign, segment, region) as slice,
    coalesce(rep, team, channel, campaign, segment, region, 'all') as slice_value,
    count(*) as closed,
    count(*) filter (where is_won) as won,
    count(*) filter (where is_lost) as lost,
    count(*) filter (where is_lost and not is_no_decision) as lost_to_others,
    count(*) filter (where is_first_win) as first_wins,
    count(*) filter (where is_won and has_known_cost) as won_of_known_cost,
    count(*) filter (where is_won and has_known_earlier_cost) as won_of_known_earlier_cost,
    count(*) filter (where is_first_win and has_known_cost) as first_wins_of_known_cost,
    count(*) filter (where is_first_win and has_known_cost and is_paid) as paid_first_wins_of_known_cost,
    count(amount) filter (where is_won) as won_valued,
    count(amount) filter (where is_won and has_known_cost) as won_valued_of_known_cost,
    sum(amount) filter (where is_won) as won_amount,
    sum(amount) filter (where is_won and has_known_cost) as won_amount_of_known_cost,
    count(amount) filter (where is_won or is_lost) as decided_valued,
    sum(amount) filter (where is_won or is_lost) as decided_amount
from closed_deals
group by grouping sets (
    (month),
    (month, rep),
    (month, team),
    (month, channel),
    (month, campaign),
    (month, segment),
    (month, region)
);

create temp table spend_by_month as
select
    month,
    slice_of(null, null, channel, campaign, null, null) as slice,
    coalesce(channel, campaign, 'all') as slice_value,
    count(*) as lines,
    count(*) filter (where is_paid) as paid_lines,
    count(lead_generation_amount) as lead_generation_lines,
    sum(lead_generation_amount) as lead_generation,
    sum(lead_generation_amount) filter (where is_paid) as paid_lead_generation,
    sum(acquisition_amount) as acquisition
from spend
group by grouping sets (
    (month),
    (month, channel),
    (month, campaign)
);

create temp table pipeline as
with dates as (
    select least(last_day(month), getvariable('as_of')) as snapshot_date
    from range(date '2000-01-01', getvariable('as_of') + interval 1 day, interval 1 month) as months(month)
),
open_spans as (
    -- Without changes, nobody knows the stage of a deal that is closed today.
    select
        deal_id,
        rep_id,
        amount,
        case when outcome = 'open' then stage end as stage,
        expected_close_date,
        least(created_at, closed_at)::date as valid_from,
        case when record_is_known and outcome != 'open' then record_at::date else '9999-01-01' end as valid_to
    from records
    where not has_changes

    union all

    select
        deal_id,
        rep_id,
        amount,
        stage,
        expected_close_date,
        valid_from,
        coalesce(valid_to, '9999-01-01')
    from versions
    where outcome = 'open'
),
valued as (
    select
        dates.snapshot_date as month,
        coalesce(reps.rep, '(none)') as rep,
        coalesce(reps.team, '(none)') as team,
        deal_facts.channel,
        deal_facts.campaign,
        deal_facts.segment,
        deal_facts.region,
        converted(open_spans.amount, rates.rate) as amount,
        stages.probability,
        coalesce(open_spans.expected_close_date < dates.snapshot_date, false) as is_stale
    from open_spans
    inner join deal_facts on open_spans.deal_id = deal_facts.deal_id
    inner join dates on open_spans.valid_from <= dates.snapshot_date and dates.snapshot_date < open_spans.valid_to
    left join reps on open_spans.rep_id = reps.rep_id
    left join stages on lower(open_spans.stage) = stages.stage_key
    left join rates on deal_facts.currency = rates.currency and dates.snapshot_date = rates.rate_date
    where not deal_facts.is_deleted and (deal_facts.is_open or deal_facts.closed_date is not null)
),
weighted as (
    select
        *,
        converted(amount, probability) as weighted_amount
    from valued
)
select
    date_trunc('month', month)::date as month,
    slice_of(rep, team, channel, campaign, segment, region) as slice,
    coalesce(rep, team, channel, campaign, segment, region, 'all') as slice_value,
    count(amount) as n,
    sum(amount) as amount,
    count(amount) filter (where is_stale) as stale_n,
    sum(amount) filter (where is_stale) as stale_amount,
    count(weighted_amount) as weighted_n,
    sum(weighted_amount) as weighted_amount
from weighted
group by grouping sets (
    (weighted.month),
    (weighted.month, rep),
    (weighted.month, team),
    (weighted.month, channel),
    (weighted.month, campaign),
    (weighted.month, segment),
    (weighted.month, region)
);

-- Accounts cannot be added over time: each grain counts them anew.
create temp table winning_customers as
with wins as (
    select
        grains.grain as period_grain,
        date_trunc(grains.grain, month)::date as period_start,
        closed_deals.* exclude (month)
    from closed_deals
    cross join (values ('month'), ('quarter'), ('year')) as grains(grain)
    where is_won and amount is not null
)
select
    period_grain,
    period_start,
    slice_of(rep, team, channel, campaign, segment, region) as slice,
    coalesce(rep, team, channel, campaign, segment, region, 'all') as slice_value,
    sum(amount) as amount,
    count(distinct customer_id) as customers,
    count(*) as n
from wins
group by grouping sets (
    (period_grain, period_start),
    (period_grain, period_start, rep),
    (period_grain, period_start, team),
    (period_grain, period_start, channel),
    (period_grain, period_start, campaign),
    (period_grain, period_start, segment),
    (period_grain, period_start, region)
);


---------- cells

create temp table month_cells as
with spend_and_deals as (
    select
        coalesce(spend_by_month.month, deals_closed.month) as month,
        coalesce(spend_by_month.slice, deals_closed.slice) as slice,
        coalesce(spend_by_month.slice_value, deals_closed.slice_value) as slice_value,
        spend_by_month.* exclude (month, slice, slice_value),
        deals_closed.* exclude (month, slice, slice_value)
    from spend_by_month
    full outer join deals_closed
        on spend_by_month.month = deals_closed.month
        and spend_by_month.slice = deals_closed.slice
        and spend_by_month.slice_value = deals_closed.slice_value
    where coalesce(spend_by_month.slice, deals_closed.slice) in ('all', 'channel', 'campaign')
),
spend_and_leads as (
    select
        coalesce(spend_by_month.month, leads_created.month) as month,
        coalesce(spend_by_month.slice, leads_created.slice) as slice,
        coalesce(spend_by_month.slice_value, leads_created.slice_value) as slice_value,
        lines,
        lead_generation,
        customers_of_known_cost
    from spend_by_month
    full outer join leads_created
        on spend_by_month.month = leads_created.month
        and spend_by_month.slice = leads_created.slice
        and spend_by_month.slice_value = leads_created.slice_value
    where coalesce(spend_by_month.slice, leads_created.slice) in ('all', 'channel', 'campaign')
),
-- Money spent in a month is set against what was won in the next.
lagged_spend as (
    select
        (month + interval 1 month)::date as month,
        slice,
        slice_value,
        lead_generation
    from spend_by_month
    where (month + interval 1 month)::date <= getvariable('as_of')
),
lagged as (
    select
        coalesce(lagged_spend.month, deals_closed.month) as month,
        coalesce(lagged_spend.slice, deals_closed.slice) as slice,
        coalesce(lagged_spend.slice_value, deals_closed.slice_value) as slice_value,
        lagged_spend.month is not null as is_spent,
        lead_generation,
        won_of_known_earlier_cost
    from lagged_spend
    full outer join deals_closed
        on lagged_spend.month = deals_closed.month
        and lagged_spend.slice = deals_closed.slice
        and lagged_spend.slice_value = deals_closed.slice_value
    where coalesce(lagged_spend.slice, deals_closed.slice) in ('all', 'channel', 'campaign')
)
select
    'leads_created' as kpi,
    'count' as kind,
    month,
    slice,
    slice_value,
    leads::decimal(38, 6) as numerator,
    null::decimal(38, 6) as denominator,
    null::bigint as numerator_per,
    null::bigint as denominator_per,
    leads as n
from leads_created

union all
select
    'qualified_leads',
    'count',
    month,
    slice,
    slice_value,
    leads::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    leads
from leads_qualified

union all
select
    'qualified_leads_strict',
    'count',
    month,
    slice,
    slice_value,
    strict_leads::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    strict_leads
from leads_qualified

union all
select
    'won_deals',
    'count',
    month,
    slice,
    slice_value,
    won::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    won
from deals_closed
where won > 0

union all
select
    'won_revenue',
    'sum',
    month,
    slice,
    slice_value,
    won_amount::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    won_valued
from deals_closed
where won > 0

union all
select
    'new_customers',
    'count',
    month,
    slice,
    slice_value,
    first_wins::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    first_wins
from deals_closed
where first_wins > 0

union all
select
    'qualified_lead_share',
    'rate',
    month,
    slice,
    slice_value,
    qualified::decimal(38, 6),
    leads::decimal(38, 6),
    null::bigint,
    null::bigint,
    leads
from leads_created

union all
select
    'qualified_lead_share_strict',
    'rate',
    month,
    slice,
    slice_value,
    strictly_qualified::decimal(38, 6),
    leads::decimal(38, 6),
    null::bigint,
    null::bigint,
    leads
from leads_created

union all
select
    'lead_win_rate',
    'rate',
    month,
    slice,
    slice_value,
    customers::decimal(38, 6),
    leads::decimal(38, 6),
    null::bigint,
    null::bigint,
    leads
from leads_qualified

union all
select
    'sql_to_customer_rate',
    'rate',
    month,
    slice,
    slice_value,
    customers::decimal(38, 6),
    leads::decimal(38, 6),
    null::bigint,
    null::bigint,
    leads
from leads_qualified

union all
select
    'lead_win_rate_strict',
    'rate',
    month,
    slice,
    slice_value,
    strict_customers::decimal(38, 6),
    strict_leads::decimal(38, 6),
    null::bigint,
    null::bigint,
    strict_leads
from leads_qualified

union all
select
    'deal_win_rate',
    'rate',
    month,
    slice,
    slice_value,
    won::decimal(38, 6),
    (won + lost)::decimal(38, 6),
    null::bigint,
    null::bigint,
    won + lost
from deals_closed

union all
select
    'deal_win_rate_narrow',
    'rate',
    month,
    slice,
    slice_value,
    won::decimal(38, 6),
    (won + lost_to_others)::decimal(38, 6),
    null::bigint,
    null::bigint,
    won + lost_to_others
from deals_closed

union all
select
    'deal_win_rate_broad',
    'rate',
    month,
    slice,
    slice_value,
    won::decimal(38, 6),
    closed::decimal(38, 6),
    null::bigint,
    null::bigint,
    closed
from deals_closed

union all
select
    'deal_win_rate_value',
    'ratio',
    month,
    slice,
    slice_value,
    won_amount::decimal(38, 6),
    decided_amount::decimal(38, 6),
    null::bigint,
    null::bigint,
    decided_valued
from deals_closed
where decided_valued > 0

union all
select
    'win_loss_ratio',
    'ratio',
    month,
    slice,
    slice_value,
    won::decimal(38, 6),
    lost::decimal(38, 6),
    null::bigint,
    null::bigint,
    lost
from deals_closed
where won + lost > 0

union all
select
    'average_deal_size',
    'ratio',
    month,
    slice,
    slice_value,
    won_amount::decimal(38, 6),
    won_valued::decimal(38, 6),
    null::bigint,
    null::bigint,
    won_valued
from deals_closed
where won_valued > 0

union all
select
    'close_rate',
    'rate',
    month,
    slice,
    slice_value,
    won::decimal(38, 6),
    deals::decimal(38, 6),
    null::bigint,
    null::bigint,
    deals
from deals_created

union all
select
    'close_rate_resolved',
    'rate',
    month,
    slice,
    slice_value,
    won::decimal(38, 6),
    resolved::decimal(38, 6),
    null::bigint,
    null::bigint,
    resolved
from deals_created

union all
select
    'pipeline_value',
    'stock',
    month,
    slice,
    slice_value,
    amount::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    n
from pipeline

union all
select
    'pipeline_value_stale',
    'stock',
    month,
    slice,
    slice_value,
    stale_amount::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    stale_n
from pipeline

union all
select
    'weighted_pipeline',
    'stock',
    month,
    slice,
    slice_value,
    weighted_amount::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    weighted_n
from pipeline

union all
select
    'cac',
    'ratio',
    month,
    slice,
    slice_value,
    lead_generation::decimal(38, 6),
    won_of_known_cost::decimal(38, 6),
    null::bigint,
    null::bigint,
    won_of_known_cost
from spend_and_deals
where lines > 0 or won_of_known_cost > 0

union all
select
    'cac_per_customer',
    'ratio',
    month,
    slice,
    slice_value,
    lead_generation::decimal(38, 6),
    first_wins_of_known_cost::decimal(38, 6),
    null::bigint,
    null::bigint,
    first_wins_of_known_cost
from spend_and_deals
where lines > 0 or first_wins_of_known_cost > 0

union all
select
    'cac_fully_loaded',
    'ratio',
    month,
    slice,
    slice_value,
    acquisition::decimal(38, 6),
    first_wins_of_known_cost::decimal(38, 6),
    null::bigint,
    null::bigint,
    first_wins_of_known_cost
from spend_and_deals
where lines > 0 or first_wins_of_known_cost > 0

union all
select
    'cac_paid',
    'ratio',
    month,
    slice,
    slice_value,
    paid_lead_generation::decimal(38, 6),
    paid_first_wins_of_known_cost::decimal(38, 6),
    null::bigint,
    null::bigint,
    paid_first_wins_of_known_cost
from spend_and_deals
where paid_lines > 0 or paid_first_wins_of_known_cost > 0

union all
select
    'cac_lagged',
    'ratio',
    month,
    slice,
    slice_value,
    lead_generation::decimal(38, 6),
    won_of_known_earlier_cost::decimal(38, 6),
    null::bigint,
    null::bigint,
    won_of_known_earlier_cost
from lagged
where is_spent or won_of_known_earlier_cost > 0

union all
select
    'cac_cohort',
    'ratio',
    month,
    slice,
    slice_value,
    lead_generation::decimal(38, 6),
    customers_of_known_cost::decimal(38, 6),
    null::bigint,
    null::bigint,
    customers_of_known_cost
from spend_and_leads
where lines > 0 or customers_of_known_cost > 0

union all
select
    'sales_roi',
    'ratio',
    month,
    slice,
    slice_value,
    (coalesce(won_amount_of_known_cost, 0) - coalesce(lead_generation, 0))::decimal(38, 6),
    lead_generation::decimal(38, 6),
    null::bigint,
    null::bigint,
    lead_generation_lines
from spend_and_deals
where lines > 0 or won_of_known_cost > 0

union all
select
    'cac_to_deal_size',
    'ratio_of_ratios',
    month,
    slice,
    slice_value,
    (case when won_of_known_cost > 0 then coalesce(lead_generation, 0) else lead_generation end)::decimal(38, 6),
    won_amount_of_known_cost::decimal(38, 6),
    won_of_known_cost,
    won_valued_of_known_cost,
    won_valued_of_known_cost
from spend_and_deals
where lines > 0 or won_of_known_cost > 0

union all
select
    'high_potential_leads',
    'balance',
    month,
    slice,
    slice_value,
    high_potential::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    high_potential
from leads_created
where high_potential > 0

union all
select
    'high_potential_leads',
    'balance',
    month,
    slice,
    slice_value,
    -high_potential::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    -high_potential
from leads_left
where high_potential > 0

union all
select
    'pipeline_value_leads',
    'balance',
    month,
    slice,
    slice_value,
    potential::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    valued
from leads_created
where valued > 0

union all
select
    'pipeline_value_leads',
    'balance',
    month,
    slice,
    slice_value,
    -potential::decimal(38, 6),
    null::decimal(38, 6),
    null::bigint,
    null::bigint,
    -valued
from leads_left
where valued > 0;

create temp table cells as
with rolled_up as (
    select
        kpi,
        kind,
        grains.grain as period_grain,
        date_trunc(grains.grain, month)::date as period_start,
        slice,
        slice_value,
        sum(numerator) as numerator,
        sum(denominator) as denominator,
        sum(numerator_per) as numerator_per,
        sum(denominator_per) as denominator_per,
        sum(n) as n
    from month_cells
    cross join (values ('month'), ('quarter'), ('year')) as grains(grain)
    -- A stock is the one at the end of the period.
    where
        kind != 'stock'
        or month = date_trunc('month', least(
            date_trunc(grains.grain, month) + case grains.grain
                when 'month' then interval 0 month
                when 'quarter' then interval 2 month
                else interval 11 month
            end,
            getvariable('as_of')
        ))
    group by all
)
select
    kpi,
    kind,
    period_grain,
    period_start,
    slice,
    slice_value,
    case kind when 'ratio_of_ratios' then quotient(numerator, numerator_per) else numerator end as numerator,
    case kind when 'ratio_of_ratios' then quotient(denominator, denominator_per) else denominator end as denominator,
    n
from rolled_up

union all

select
    'average_deal_size_per_account',
    'distinct_ratio',
    period_grain,
    period_start,
    slice,
    slice_value,
    amount,
    customers,
    n
from winning_customers;


---------- every period of every member, the empty ones too; nobody has a target here, which would add to them

create table kpi_values as
with members as (
    select
        kpi,
        kind,
        period_grain,
        slice,
        slice_value,
        min(period_start) as first_start,
        case when slice = 'all' or kind = 'balance' then getvariable('as_of') else max(period_start) end as last_start
    from cells
    group by kpi, kind, period_grain, slice, slice_value
),
expected as (
    select
        members.* exclude (first_start, last_start),
        unnest(range(first_start, last_start + interval 1 day, case period_grain
            when 'month' then interval 1 month
            when 'quarter' then interval 3 month
            else interval 12 month
        end))::date as period_start
    from members
),
filled as (
    select
        expected.*,
        case kind
            when 'balance' then sum(coalesce(cells.numerator, 0)) over so_far
            when 'ratio_of_ratios' then cells.numerator
            else coalesce(cells.numerator, 0)
        end as numerator,
        case
            when kind in ('rate', 'ratio', 'distinct_ratio') then coalesce(cells.denominator, 0)
            else cells.denominator
        end as denominator,
        case kind when 'balance' then sum(coalesce(cells.n, 0)) over so_far else coalesce(cells.n, 0) end as n
    from expected
    left join cells using (kpi, kind, period_grain, period_start, slice, slice_value)
    window so_far as (
        partition by kpi, period_grain, slice, slice_value order by period_start
        rows between unbounded preceding and current row
    )
)
select
    kpi,
    period_grain,
    period_start,
    slice,
    slice_value,
    numerator::decimal(28, 6) as numerator,
    denominator::decimal(28, 6) as denominator,
    case
        when kind in ('rate', 'ratio', 'distinct_ratio', 'ratio_of_ratios') then quotient(numerator, denominator)
        else numerator::decimal(28, 6)
    end as value,
    n::bigint as n
from filled;
