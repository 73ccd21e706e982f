-- The records of a large company, as its CRM would export them to Parquet: variables `leads` (how many),
-- `activities_per_lead` and `folder` (where to). Every number comes from hash(), so the same size gives the same bytes.
--
-- Three years with growth and seasons, and the two weeks after the as-of date. Few reps, accounts, campaigns and
-- channels have most of the records. Columns are typed, except where a cell is broken.

-- A number from 0 up to 1 for each row and purpose. Hashed twice: hash() of two values only combines their bits, so two
-- purposes would have the same luck.
create macro u(row_number, purpose) as (hash(hash(row_number, purpose)) >> 11)::double / 9007199254740992;

-- A number of the normal distribution.
create macro normal(row_number, purpose) as
    sqrt(-2 * ln(1 - u(row_number, purpose))) * cos(2 * pi() * u(row_number, purpose || ' angle'));

-- A place from 1 to `places`, the first ones the most often.
create macro skewed(places, luck, skew) as 1 + floor(places * power(luck, skew))::integer;

create macro one_of(words, luck) as words[1 + floor(len(words) * luck)::integer];

create temp table calendar as
with months as (
    select
        month_start::date as month_start,
        least((month_start + interval 1 month)::date, date '2026-01-15') as month_end,
        power(1.25, date_diff('month', date '2023-01-01', month_start) / 12.0)
        * case month(month_start) when 8 then 0.6 when 7 then 0.8 when 11 then 1.2 when 12 then 1.1 else 1 end
        * date_diff('day', month_start, month_end) as weight
    from range(date '2023-01-01', date '2026-02-01', interval 1 month) as months(month_start)
)
select
    month_start,
    date_diff('second', month_start, month_end) as seconds,
    coalesce(sum(weight) over (order by month_start rows between unbounded preceding and 1 preceding), 0)
    / sum(weight) over () as share_before,
    weight / sum(weight) over () as share
from months;

create temp table lead_rows as
with placed as (
    select
        range as i,
        (range + u(range, 'place')) / getvariable('leads') as place
    from range(getvariable('leads'))
)
select
    i,
    calendar.month_start
    + to_seconds(((place - share_before) / share * seconds)::bigint) as created_at,
    skewed(200, u(i, 'rep'), 1.5) as rep,
    skewed(40, u(i, 'campaign'), 2) as campaign,
    one_of(
        [
            'Paid Search', 'Paid Search', 'google ads', 'Organic Search', 'SEO', 'paid_social', 'Paid Social', 'e-mail',
            'referral', 'outbound', 'events', 'partner', 'Podcast'
        ],
        power(u(i, 'channel'), 1.4)
    ) as channel,
    one_of(['USD', 'USD', 'USD', 'USD', 'USD', 'EUR', 'EUR', 'EUR', 'GBP', 'INR'], u(i, 'currency')) as currency,
    one_of(
        ['US', 'USA', 'United States', 'Germany', 'DE', 'FR', 'UK', 'Canada', 'India', 'Japan', 'Brazil', 'Atlantis'],
        power(u(i, 'country'), 1.3)
    ) as country,
    u(i, 'fate') as fate
from placed
asof join calendar on placed.place >= calendar.share_before;

copy (
    with leads as (
        select
            printf('L%09d', i) as lead_id,
            case when u(i, 'missing') >= 0.002 then created_at end as created_at,
            case
                when u(i, 'e-mail') < 0.03 then null
                when u(i, 'e-mail') < 0.05 then upper(printf('person%d@company%d.example', e.other, e.other % 100000))
                when u(i, 'e-mail') < 0.055 then printf('qa%d@own.example', i)
                else printf('person%d@company%d.example', i, i % 100000)
            end as email,
            printf('Company %d', i % 100000) as company_name,
            one_of(['demo request', 'newsletter', 'list', 'fair'], u(i, 'source')) as source,
            case when u(i, 'no channel') >= 0.1 then channel end as channel,
            case when u(i, 'no campaign') >= 0.3 then printf('Campaign %d', campaign) end as campaign,
            case when u(i, 'no rep') >= 0.02 then printf('R%03d', rep) end as owner_id,
            case
                when u(i, 'score') < 0.003 then 'n/a'
                when u(i, 'score') >= 0.05 then (100 * power(u(i, 'points'), 1.3))::integer::varchar
            end as lead_score,
            case when fate < 0.35 then 'converted' when fate < 0.75 then 'disqualified' else 'open' end as status,
            case when fate < 0.25 or (fate >= 0.35 and fate < 0.5)
                then created_at + to_seconds((86400 * exp(1 + normal(i, 'qualified')))::bigint)
            end as qualified_at,
            case when fate >= 0.35 and fate < 0.75
                then created_at + to_seconds((86400 * exp(2 + normal(i, 'disqualified')))::bigint)
            end as disqualified_at,
            case when fate >= 0.35 and fate < 0.75
                then one_of(['no budget', 'no need', 'not reached'], u(i, 'why'))
            end as disqualified_reason,
            case when fate < 0.3
                then created_at + to_seconds((86400 * exp(2 + normal(i, 'converted')))::bigint)
            end as converted_at,
            case
                when u(i, 'estimate') < 0.003 then '12 thousand'
                when u(i, 'estimate') < 0.5 then round(exp(8.5 + normal(i, 'value')), 2)::decimal(18, 2)::varchar
            end as estimated_value,
            currency,
            country,
            one_of(['Media', 'Logistics', 'Health', 'Retail', 'Energy'], u(i, 'industry')) as industry,
            case when u(i, 'size') >= 0.1 then exp(4 + 1.8 * normal(i, 'employees'))::integer end as employee_count,
            u(i, 'test') < 0.005 as is_test,
            timestamp '2026-01-15 03:00:00' as loaded_at,
            i
        from lead_rows
        cross join lateral (select floor(i * u(i, 'other'))::bigint as other) as e
    ),
    -- The sync ran twice over some of them.
    copies as (
        select * replace (timestamp '2026-01-14 03:00:00' as loaded_at, 'old' as status)
        from leads
        where u(i, 'copy') < 0.001
    )
    select * exclude (i) from (select * from leads union all select * from copies)
    order by i, loaded_at
) to (getvariable('folder') || '/leads.parquet');

-- So many activities a lead on average; a few leads have most of them. Mail goes out by itself now and then.
copy (
    with done as (
        select
            range as i,
            (floor(getvariable('leads') * power(u(range, 'whose'), 2))::bigint * 7919 + 13) % getvariable('leads') as lead_row,
            one_of(['call', 'email', 'email', 'email', 'meeting', 'sms', 'note'], u(range, 'type')) as activity_type
        from range(getvariable('activities_per_lead') * getvariable('leads'))
    )
    select
        printf('T%010d', done.i) as activity_id,
        case when u(done.i, 'missing time') >= 0.002
            then lead_rows.created_at + to_seconds((86400 * exp(-1 + 2 * normal(done.i, 'after')))::bigint)
        end as occurred_at,
        done.activity_type,
        case when u(done.i, 'direction') < 0.7 then 'outbound' when u(done.i, 'direction') < 0.95 then 'inbound' end
            as direction,
        printf('L%09d', done.lead_row) as lead_id,
        null::varchar as deal_id,
        case when u(done.i, 'no rep') >= 0.02 then printf('R%03d', lead_rows.rep) end as rep_id,
        null::varchar as channel,
        u(done.i, 'automated') < 0.1 as is_automated,
        case when done.activity_type = 'call' then (600 * u(done.i, 'seconds'))::integer end as duration_seconds,
        case when done.activity_type = 'call' then one_of(['connected', 'no answer', 'wrong number'], u(done.i, 'outcome')) end
            as outcome
    from done
    inner join lead_rows on done.lead_row = lead_rows.i
) to (getvariable('folder') || '/activities.parquet');

create temp table deal_rows as
with sold as (
    select
        range as i,
        -- Three leads a deal; now and then a deal is the second one of the last deal's lead.
        3 * (range - (u(range, 'again') < 0.05 and range > 0)::bigint) + floor(3 * u(range, 'lead'))::bigint as lead_row,
        u(range, 'has lead') < 0.7 as has_lead,
        u(range, 'outcome') as fate,
        u(range, 'no change') as changing
    from range(getvariable('leads') // 3)
),
created as (
    select
        sold.*,
        lead_rows.* exclude (i, fate, created_at),
        lead_rows.created_at + to_seconds((86400 * exp(2.2 + 0.8 * normal(sold.i, 'lag')))::bigint) as created_at,
        exp(3.8 + 0.9 * normal(sold.i, 'cycle')) as cycle_days
    from sold
    inner join lead_rows on sold.lead_row = lead_rows.i
),
ended as (
    select
        *,
        created_at + to_seconds((86400 * cycle_days)::bigint) as end_at
    from created
    where created_at < timestamp '2026-01-15'
)
select
    *,
    case
        when fate < 0.08 or end_at >= timestamp '2026-01-15' then 'open'
        when fate < 0.35 then 'Closed Won'
        when fate < 0.97 then 'Closed Lost'
        else 'Closed Invalid'
    end as ending,
    case
        when changing < 0.4 then 0
        when changing < 0.76 then 1
        when changing < 0.94 then 2
        else 3
    end as changes,
    round(exp(9 + 1.1 * normal(i, 'amount')), 2)::decimal(18, 2) as amount
from ended;

copy (
    with deals as (
        select
            printf('D%09d', i) as deal_id,
            case
                when ending != 'open' then ending
                else one_of(['Discovery', 'Proposal', 'negotiation'], u(i, 'stage'))
            end as stage,
            case when u(i, 'missing') >= 0.002 then created_at end as created_at,
            case when has_lead then printf('L%09d', lead_row) end as lead_id,
            case when u(i, 'no account') >= 0.15
                then printf('A%08d', skewed(getvariable('leads') // 10, u(i, 'account'), 2))
            end as account_id,
            printf('R%03d', case when u(i, 'same rep') < 0.8 then rep else skewed(200, u(i, 'other rep'), 1.5) end)
                as owner_id,
            case
                when u(i, 'value') < 0.004 then 'TBD'
                when u(i, 'value') < 0.08 then null
                when u(i, 'value') < 0.09 then '0'
                else amount::varchar
            end as amount,
            currency,
            case
                when u(i, 'expected') < 0.004 then 'next quarter'
                when u(i, 'expected') >= 0.1
                    then (created_at + to_days(30 + (60 * u(i, 'days'))::integer))::date::varchar
            end as expected_close_date,
            -- Closed, but nobody says when.
            case when ending != 'open' and u(i, 'undated') >= 0.005 then end_at end as closed_at,
            case when ending = 'Closed Lost'
                then one_of(
                    ['price', 'competitor', 'no_decision', 'timing', 'missing_feature', 'duplicate', null],
                    u(i, 'reason')
                )
            end as lost_reason,
            case when not has_lead and u(i, 'no channel') >= 0.1 then channel end as channel,
            case when not has_lead and u(i, 'no campaign') >= 0.3 then printf('Campaign %d', campaign) end as campaign,
            one_of(['New Business', 'Expansion'], u(i, 'pipeline')) as pipeline,
            u(i, 'deleted') < 0.01 as is_deleted,
            timestamp '2026-01-15 03:00:00' as loaded_at,
            i
        from deal_rows
    ),
    copies as (
        select * replace (timestamp '2026-01-14 03:00:00' as loaded_at, 'Discovery' as stage, null as closed_at)
        from deals
        where u(i, 'copy') < 0.001
    )
    select * exclude (i) from (select * from deals union all select * from copies)
    order by i, loaded_at
) to (getvariable('folder') || '/deals.parquet');

copy (
    with steps as (
        select
            deal_rows.*,
            numbers.step,
            10 * i + numbers.step as change_row,
            least(end_at, timestamp '2026-01-15') as last_at
        from deal_rows
        inner join range(1, 4) as numbers(step) on numbers.step <= deal_rows.changes
    ),
    dated as (
        select
            *,
            -- The close itself is recorded for some.
            step = changes and ending != 'open' and u(i, 'close') < 0.3 as is_close,
            case
                when is_close then end_at
                else created_at + to_seconds((epoch(last_at - created_at) * step / (changes + 1))::bigint)
            end as changed_at
        from steps
    )
    select
        printf('D%09d', i) as deal_id,
        case when u(change_row, 'missing') >= 0.003 then changed_at end as changed_at,
        case
            when is_close then ending
            when u(change_row, 'stage') < 0.7 then ['Discovery', 'Proposal', 'Negotiation'][step]
        end as stage,
        case
            when u(change_row, 'value') < 0.004 then 'TBD'
            when u(change_row, 'value') < 0.4
                then (amount * (0.7 + 0.6 * u(change_row, 'new value')))::decimal(18, 2)::varchar
        end as amount,
        case
            when u(change_row, 'expected') < 0.003 then 'soon'
            when u(change_row, 'expected') < 0.3 then (changed_at + to_days(45))::date::varchar
        end as expected_close_date,
        case when u(change_row, 'handover') < 0.1
            then printf('R%03d', skewed(200, u(change_row, 'rep'), 1.5))
        end as owner_id,
        case
            when u(change_row, 'late') < 0.1
                then changed_at + to_seconds((3 * 86400 * u(change_row, 'delay'))::bigint)
            else changed_at
        end as recorded_at
    from dated
    order by i, step
) to (getvariable('folder') || '/deal_changes.parquet');

copy (
    select
        printf('A%08d', range + 1) as account_id,
        printf('Account %d', range + 1) as account_name,
        case
            when u(range, 'segment') < 0.2
                then one_of(['SMB', 'SMB', 'Mid-Market', 'Enterprise'], u(range, 'which segment'))
        end as segment,
        one_of(['Media', 'Logistics', 'Health', 'Retail', 'Energy'], u(range, 'industry')) as industry,
        exp(4 + 1.8 * normal(range, 'employees'))::integer as employee_count,
        one_of(
            ['US', 'USA', 'Germany', 'FR', 'UK', 'Canada', 'India', 'Japan', 'Brazil', 'Atlantis'],
            power(u(range, 'country'), 1.3)
        ) as country,
        null::varchar as region
    from range(getvariable('leads') // 10)
    order by range
) to (getvariable('folder') || '/accounts.parquet');

copy (
    select
        printf('R%03d', range + 1) as rep_id,
        -- Two pairs of reps share a name.
        printf('Rep %d', case when range in (10, 50) then range + 2 else range + 1 end) as rep_name,
        printf('Team %d', 1 + range % 10) as team,
        printf('R%03d', 1 + range % 10) as manager_id,
        'UTC' as time_zone,
        date '2022-01-01' as active_from,
        null::date as active_to
    from range(200)
    order by range
) to (getvariable('folder') || '/reps.parquet');

copy (
    select
        printf('Campaign %d', range + 1) as campaign,
        date '2022-12-01' + (20 * range)::integer as launched_on,
        null::date as ended_on,
        one_of(['Paid Search', 'paid_social', 'e-mail', 'events'], u(range, 'channel')) as channel
    from range(40)
    order by range
) to (getvariable('folder') || '/campaigns.parquet');

copy (
    with lines as (
        select
            day::date as spend_date,
            channel,
            campaign,
            cost_type,
            hash(day, channel, campaign, cost_type) as line
        from range(date '2023-01-01', date '2026-01-15', interval 1 day) as days(day)
        cross join unnest(['Paid Search', 'paid_social', 'events', 'e-mail', 'partner', 'organic_search', null])
            as channels(channel)
        cross join range(1, 41) as campaigns(campaign)
        cross join unnest(['lead_generation', 'sales', null, 'other']) as cost_types(cost_type)
        where u(hash(day, channel, campaign, cost_type), 'spent') < 0.12
    )
    select
        spend_date,
        case
            when u(line, 'value') < 0.01 then '1.000,00 EUR'
            else round(exp(6 + normal(line, 'amount')), 2)::decimal(18, 2)::varchar
        end as amount,
        channel,
        case when u(line, 'no campaign') >= 0.2 then printf('Campaign %d', campaign) end as campaign,
        cost_type,
        one_of(['USD', 'USD', 'USD', 'EUR', 'GBP', 'INR'], u(line, 'currency')) as currency,
        timestamp '2026-01-15 03:00:00' as loaded_at
    from lines
    order by spend_date, line
) to (getvariable('folder') || '/spend.parquet');

copy (
    select
        currency,
        month_start::date as rate_date,
        round(rate * (1 + 0.05 * (u(date_diff('month', date '2022-12-01', month_start), currency) - 0.5)), 6)
        ::decimal(18, 6) as rate
    from range(date '2022-12-01', date '2026-02-01', interval 1 month) as months(month_start)
    cross join (values ('USD', 1.0), ('EUR', 1.08), ('GBP', 1.26), ('INR', 0.012)) as rates(currency, rate)
    order by currency, rate_date
) to (getvariable('folder') || '/currency_rates.parquet');
