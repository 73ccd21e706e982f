"""Work out golden numbers of retention, acquisition and value from the raw CSV files, apart from the project.

A second opinion, as `independent.py`, whose reading and cleaning it uses: subscriptions and payments by
customer, and the words of the KPI descriptions. Run it to print, `--write` for golden_customers_numbers.csv.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import independent as base
from independent import AS_OF, QUARTER, WHOLE, YEAR, Deal, Fact, Period, Result, Row

GOLDEN = base.HERE / "golden_customers_numbers.csv"

TYPES = {
    "subscriptions": {"started_on": "date", "ended_on": "date", "amount": "number"},
    "payments": {"paid_at": "timestamp", "amount": "number"},
}
REQUIRED = {
    "subscriptions": ["subscription_id", "account_id", "started_on"],
    "payments": ["payment_id", "account_id", "paid_at", "amount"],
}
MONTHS_PAID = {"month": 1, "monthly": 1, "quarter": 3, "quarterly": 3, "half-year": 6}
MONTHS_PAID |= {"year": 12, "yearly": 12, "annual": 12, "annually": 12}
TRIALS = {"trial", "trialing"}
ENDED = {"cancelled", "canceled", "ended", "expired", "churned"}
MARGIN = Decimal("0.8")
DISCOUNT = Decimal("0.008")
TARGET_OF_A_MONTH = Decimal(1000000)
NOTHING = Decimal()
REP = ("rep", "Noor Linden")
DAY = timedelta(days=1)


# -----------------------------------------------------------------------------------------------------------
# Customers


@dataclass(frozen=True)
class Spell:
    """A subscription that brings MRR; the last day does not belong to it."""

    start: date
    end: date | None
    mrr: Decimal

    def is_on(self, day: date) -> bool:
        return self.start <= day and (self.end is None or self.end > day)


@dataclass(kw_only=True)
class Customer(Fact):
    """An account that subscribed or paid."""

    spells: list[Spell] = field(default_factory=list)
    payments: list[tuple[date, Decimal]] = field(default_factory=list)

    def mrr(self, day: date) -> Decimal:
        """Return what it pays a month at the end of the day."""
        return sum((spell.mrr for spell in self.spells if spell.is_on(day)), NOTHING)

    @property
    def since(self) -> date | None:
        """Return its first day with MRR."""
        return base.first(spell.start for spell in self.spells)

    @property
    def acquired(self) -> date | None:
        return self.since or base.first(day for day, _ in self.payments)


def read_rows(entity: str) -> list[Row]:
    """Return the usable rows of a raw file, as `independent.read_entity`."""
    raw = base.read_csv(base.SEEDS / "demo" / f"raw_{entity}.csv")
    typed = (base.typed(row, TYPES[entity]) for row in raw)
    return [row for row in typed if row and all(row[name] is not None for name in REQUIRED[entity])]


def end_of(row: Row) -> date | None:
    """Return the first day without the subscription; on the as-of date only a status makes it an end."""
    end = base.past_day(row["ended_on"])
    is_real = end != AS_OF or base.text_of(row["status"]).lower() in ENDED
    return end if is_real else None


def price_of_a_month(row: Row, rates: base.Rates, rate_day: date) -> Decimal | None:
    """Return the price spread over its months; none of a trial.

    A quotient is a floating-point number, read by its shortest digits: only so does half a millionth fall
    to the side it is published on.
    """
    price = rates.convert(base.number_of(row["amount"]), row["currency"], rate_day)
    months = MONTHS_PAID.get(base.text_of(row["billing_period"]).lower())
    is_trial = base.text_of(row["status"]).lower() in TRIALS
    return base.cents(Decimal(str(float(price) / months))) if price and months and not is_trial else None


def code_of(row: Row) -> str:
    return base.text_of(row["currency"]).upper() or base.CURRENCY


def read_customers(data: base.Data) -> list[Customer]:
    """Return the customers with their subscriptions and payments, sliced by the first won deal."""
    first_wins = {deal.customer_id: deal for deal in data.deals if deal.is_first_win}
    subscriptions = [row for row in read_rows("subscriptions") if base.past_day(row["started_on"])]
    payments = [row for row in read_rows("payments") if base.past_day(row["paid_at"])]
    names = {base.text_of(row["account_id"]) for row in [*subscriptions, *payments]}
    customers = {name: customer(data, name, first_wins.get(f"account {name}")) for name in sorted(names)}
    first_day = first_days(subscriptions)
    for row in subscriptions:
        name, start = base.text_of(row["account_id"]), base.day_of(row["started_on"]) or AS_OF
        mrr = price_of_a_month(row, data.rates, first_day[name, code_of(row)])
        end = end_of(row)
        if mrr and (end is None or end > start):
            customers[name].spells.append(Spell(start, end, mrr))
    for row in payments:
        day = base.day_of(row["paid_at"]) or AS_OF
        amount = data.rates.convert(base.number_of(row["amount"]), row["currency"], day)
        if amount is not None:
            customers[base.text_of(row["account_id"])].payments.append((day, amount))
    return list(customers.values())


def customer(data: base.Data, name: str, won: Deal | None) -> Customer:
    account = data.accounts.get(name, {})
    return Customer(
        rep=won.rep if won else None,
        team=won.team if won else None,
        channel=won.channel if won else None,
        campaign=won.campaign if won else None,
        segment=base.account_segment(account) or (won.segment if won else None),
        region=base.account_region(account) or (won.region if won else None),
    )


def first_days(subscriptions: list[Row]) -> dict[tuple[str, str], date]:
    """Return the day each customer first subscribed in a currency: its rate stays (constant currency)."""
    days: dict[tuple[str, str], date] = {}
    for row in subscriptions:
        key, start = (base.text_of(row["account_id"]), code_of(row)), base.day_of(row["started_on"]) or AS_OF
        days[key] = min(start, days.get(key, start))
    return days


# -----------------------------------------------------------------------------------------------------------
# Periods and movements


@dataclass(frozen=True)
class Change:
    """What a customer paid before and pays after a stretch of time."""

    customer: Customer
    before: Decimal
    after: Decimal
    is_known: bool  # had been a customer before it

    @property
    def movement(self) -> str:
        if self.before == self.after:
            return "none"
        if not self.before:
            return "reactivation" if self.is_known else "new"
        if not self.after:
            return "churn"
        return "expansion" if self.after > self.before else "contraction"

    @property
    def size(self) -> Decimal:
        return abs(self.after - self.before)


@dataclass
class Scope:
    """The customers of one slice member, the period, and the people who qualified in it.

    They count from the month of the first customer. The fit is that of all customers.
    """

    customers: list[Customer]
    qualified: int
    period: Period
    fit: "Fit"

    def new(self) -> list[Customer]:
        return [one for one in self.customers if self.period.has(one.since)]

    def changes(self, period: Period | None = None) -> list[Change]:
        """Return each customer's change from the day before the period to its last day."""
        when = period or self.period
        before, after = when.start - DAY, when.last_day
        return [
            Change(one, one.mrr(before), one.mrr(after), had_been_customer(one, when.start))
            for one in self.customers
        ]

    def months(self) -> list[Period]:
        """Return the months of the period that have begun."""
        starts = [self.period.start]
        while (start := base.months_before(starts[-1], -1)) < self.period.end:
            starts.append(start)
        return [Period("month", day, base.months_before(day, -1)) for day in starts if day <= AS_OF]

    def monthly(self) -> list[Change]:
        return [change for month in self.months() for change in self.changes(month)]

    def moved(self, movement: str) -> list[Change]:
        return [change for change in self.monthly() if change.movement == movement]

    def at_start(self) -> list[Change]:
        return [change for change in self.changes() if change.before]

    def at_end(self) -> list[Change]:
        return [change for change in self.changes() if change.after]


def had_been_customer(one: Customer, day: date) -> bool:
    """Say whether its first day with MRR was before the day."""
    return one.since is not None and one.since < day


def befores(changes: Iterable[Change]) -> Decimal:
    return sum((change.before for change in changes), NOTHING)


def afters(changes: Iterable[Change]) -> Decimal:
    return sum((change.after for change in changes), NOTHING)


def sizes(changes: Iterable[Change]) -> Decimal:
    return sum((change.size for change in changes), NOTHING)


def published(numerator: Decimal | None, denominator: Decimal | None, n: int) -> Result:
    """Return the quotient of two figures that are themselves quotients, at the six decimals they keep."""
    rounded = (figure if figure is None else base.cents(figure) for figure in (numerator, denominator))
    return Result(next(rounded), next(rounded), n)


def plain(value: Decimal | int, n: int) -> Result:
    return Result(Decimal(value), None, n, is_quotient=False)


def share(part: Decimal | int, whole: Decimal | int, n: int) -> Result:
    return Result(Decimal(part), Decimal(whole), n)


# -----------------------------------------------------------------------------------------------------------
# How long customers stay


@dataclass(frozen=True)
class Fit:
    """The beta distribution of the monthly risk of leaving over customers."""

    alpha: float
    beta: float

    def lifetime(self, age: int) -> Decimal:
        """Return the months of MRR that a survivor of so many will bring, discounted, the next in full."""
        total, term, month = 0.0, 1.0 + float(DISCOUNT), age
        while term > 1e-15:
            term *= (self.beta + month) / (self.alpha + self.beta + month) / (1 + float(DISCOUNT))
            total += term
            month += 1
        return Decimal(str(total))


def month_ends(start: date) -> list[date]:
    """Return the last days of the months from that of the day to the last that is over."""
    ends = []
    month = base.months_before(start.replace(day=1), -1)
    while month - DAY <= AS_OF:
        ends.append(month - DAY)
        month = base.months_before(month, -1)
    return ends


def renewals(customers: Iterable[Customer]) -> tuple[Counter[int], Counter[int]]:
    """Count who stayed and who left by months since the first, until each leaves for the first time."""
    stayed, left = Counter[int](), Counter[int]()
    for one in customers:
        for age, day in enumerate(month_ends(one.since) if one.since else []):
            if age:
                (stayed if one.mrr(day) else left)[age] += 1
            if not one.mrr(day):
                break
    return stayed, left


def root(falling: Callable[[float], float], high: float = 1e6) -> float:
    """Return where a function that falls from positive to negative is 0, by halving."""
    low = 0.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return low


def fit_of(customers: Iterable[Customer]) -> Fit:
    """Return the likeliest fit: where the derivatives of the likelihood by alpha and by beta are 0.

    Additions and divisions only, so that every machine finds the same digits.
    """
    stayed, left = renewals(customers)
    at_risk, losses = stayed + left, left.total()

    def strain(alpha: float, beta: float) -> float:
        return sum(n / (alpha + beta + age - 1) for age, n in at_risk.items())

    def alpha_of(beta: float) -> float:
        return root(lambda alpha: losses - alpha * strain(alpha, beta))

    def slope(beta: float) -> float:
        renewed = sum(n / (beta + age - 1) for age, n in stayed.items())
        return renewed - strain(alpha_of(beta), beta)

    beta = root(slope)
    return Fit(alpha_of(beta), beta)


def months_survived(one: Customer, day: date) -> int:
    """Return the months since its present spell began."""
    start = day
    while one.mrr(start):
        start = min(spell.start for spell in one.spells if spell.is_on(start)) - DAY
    start += DAY
    return 12 * (day.year - start.year) + day.month - start.month


# -----------------------------------------------------------------------------------------------------------
# Retention


def active_customers(scope: Scope) -> Result:
    """Count the customers with MRR when the period ends."""
    return plain(len(scope.at_end()), len(scope.at_end()))


def customer_retention_rate(scope: Scope) -> Result:
    """Divide those of the beginning who are still customers by those of the beginning."""
    start = scope.at_start()
    return share(sum(bool(change.after) for change in start), len(start), len(start))


def logo_churn_rate(scope: Scope) -> Result:
    """Divide those of the beginning who are customers no more by those of the beginning."""
    start = scope.at_start()
    return share(sum(not change.after for change in start), len(start), len(start))


def customer_retention_rate_textbook(scope: Scope) -> Result:
    """Divide the customers at the end less the new ones by those of the beginning."""
    start = len(scope.at_start())
    return share(len(scope.at_end()) - len(scope.new()), start, start)


def grr(scope: Scope) -> Result:
    """Divide what the customers of the beginning still pay, each at most as then, by what they paid."""
    start = scope.at_start()
    kept = sum((min(change.before, change.after) for change in start), NOTHING)
    return share(kept, befores(start), len(start))


def gross_mrr_churn_rate(scope: Scope) -> Result:
    """Divide what left and shrank by what was paid when the period began."""
    start = scope.at_start()
    lost = sum((max(change.before - change.after, NOTHING) for change in start), NOTHING)
    return share(lost, befores(start), len(start))


def nrr(scope: Scope) -> Result:
    """Divide what the customers of the beginning pay at the end by what they paid."""
    start = scope.at_start()
    return share(afters(start), befores(start), len(start))


def net_mrr_churn_rate(scope: Scope) -> Result:
    """Divide what left and shrank less what grew and came back by what was paid in the beginning."""
    start = scope.at_start()
    back = [change for change in scope.changes() if change.movement == "reactivation"]
    return share(befores(start) - afters(start) - afters(back), befores(start), len(start))


# -----------------------------------------------------------------------------------------------------------
# Acquisition


def new_subscribers(scope: Scope) -> Result:
    """Count the customers whose first day with MRR is in the period."""
    return plain(len(scope.new()), len(scope.new()))


def customer_acquisition_rate(scope: Scope) -> Result:
    """Divide the new customers by those of the beginning."""
    start = len(scope.at_start())
    return share(len(scope.new()), start, start)


def new_customers_per_day(scope: Scope) -> Result:
    """Divide the new customers by the days of the period so far."""
    days = (scope.period.last_day - scope.period.start).days + 1
    return share(len(scope.new()), days, len(scope.new()))


def new_customers_per_qualified_lead(scope: Scope) -> Result:
    """Divide the new customers by the people who qualified in the period."""
    return share(len(scope.new()), scope.qualified, scope.qualified)


def required_new_customers(scope: Scope) -> Result:
    """Divide the target of the period's months by the lifetime value of a customer."""
    worth = customer_lifetime_value(scope)
    return published(TARGET_OF_A_MONTH * len(scope.months()), worth.value, worth.n)


def acquisition_adequacy(scope: Scope) -> Result:
    """Divide the new customers by the required ones."""
    required = required_new_customers(scope)
    return published(Decimal(len(scope.new())), required.value, required.n)


# -----------------------------------------------------------------------------------------------------------
# Value


def mrr(scope: Scope) -> Result:
    """Add up what the customers pay a month when the period ends."""
    return plain(afters(scope.at_end()), len(scope.at_end()))


def arr(scope: Scope) -> Result:
    """Take twelve times MRR."""
    return plain(12 * afters(scope.at_end()), len(scope.at_end()))


def arpa(scope: Scope) -> Result:
    """Divide MRR by the customers that pay it."""
    end = scope.at_end()
    return share(afters(end), len(end), len(end))


def movement(name: str) -> Callable[[Scope], Result]:
    """Return how to add up one of the five movements of the months."""
    return lambda scope: plain(sizes(scope.moved(name)), len(scope.moved(name)))


def average_sale_price(scope: Scope) -> Result:
    """Divide new MRR by the customers that brought it."""
    came = scope.moved("new")
    return share(sizes(came), len(came), len(came))


def monthly_churn(scope: Scope) -> tuple[int, int]:
    """Return the customers that left in the months, and those at risk in them."""
    at_risk = [change for change in scope.monthly() if change.before]
    return sum(not change.after for change in at_risk), len(at_risk)


def monthly_arpa(scope: Scope) -> Decimal | None:
    """Return MRR over customers, of the ends of all months."""
    paying = [change for change in scope.monthly() if change.after]
    return afters(paying) / len(paying) if paying else None


def lifetime_value(scope: Scope, first: Decimal, lost: Decimal = NOTHING) -> Result:
    """Divide the first margin by what each month takes of it; both sides for all customers at risk."""
    arpa_of_months, (left, at_risk) = monthly_arpa(scope), monthly_churn(scope)
    revenue = None if arpa_of_months is None else arpa_of_months * at_risk * first
    return published(revenue, left + lost * at_risk if left or not lost else None, at_risk)


def customer_lifetime_value(scope: Scope) -> Result:
    """Divide ARPA by monthly churn."""
    return lifetime_value(scope, Decimal(1))


def customer_lifetime_value_margin(scope: Scope) -> Result:
    """Divide the margin of ARPA by monthly churn."""
    return lifetime_value(scope, MARGIN)


def customer_lifetime_value_discounted(scope: Scope) -> Result:
    """Discount the margins, the first a month from now: m r / (1 + i - r)."""
    left, at_risk = monthly_churn(scope)
    return lifetime_value(scope, MARGIN * (at_risk - left) / (at_risk or 1), DISCOUNT)


def customer_lifetime_value_discounted_in_advance(scope: Scope) -> Result:
    """Discount the margins, the first at once: m (1 + i) / (1 + i - r)."""
    return lifetime_value(scope, MARGIN * (1 + DISCOUNT), DISCOUNT)


def customer_equity(scope: Scope) -> Result:
    """Add up the lifetime values of the period, one for each customer of the end."""
    worth, ends = customer_lifetime_value(scope), len(scope.at_end())
    return published((worth.numerator or NOTHING) * ends, worth.denominator, ends)


def historic_customer_value(scope: Scope) -> Result:
    """Divide what the customers who came have paid, less refunds, by their number."""
    came = [one for one in scope.customers if scope.period.has(one.acquired)]
    paid = sum((amount for one in came for _, amount in one.payments), NOTHING)
    return share(paid, len(came), len(came))


def customer_equity_predicted(scope: Scope) -> Result:
    """Add up what the customers of the end are expected to bring from their next renewals on."""
    last_day, ends = scope.period.last_day, scope.at_end()
    worth = [change.after * scope.fit.lifetime(months_survived(change.customer, last_day)) for change in ends]
    return plain(sum(worth, NOTHING), len(ends))


def predicted_customer_value(scope: Scope) -> Result:
    """Divide that by the customers."""
    worth = customer_equity_predicted(scope)
    return share(worth.numerator or NOTHING, worth.n, worth.n)


KPIS: dict[str, Callable[[Scope], Result]] = {
    "active_customers": active_customers,
    "customer_retention_rate": customer_retention_rate,
    "logo_churn_rate": logo_churn_rate,
    "customer_retention_rate_textbook": customer_retention_rate_textbook,
    "grr": grr,
    "gross_mrr_churn_rate": gross_mrr_churn_rate,
    "net_mrr_churn_rate": net_mrr_churn_rate,
    "nrr": nrr,
    "new_subscribers": new_subscribers,
    "customer_acquisition_rate": customer_acquisition_rate,
    "new_customers_per_day": new_customers_per_day,
    "new_customers_per_qualified_lead": new_customers_per_qualified_lead,
    "required_new_customers": required_new_customers,
    "acquisition_adequacy": acquisition_adequacy,
    "mrr": mrr,
    "arr": arr,
    "arpa": arpa,
    "average_sale_price": average_sale_price,
    "mrr_new": movement("new"),
    "mrr_expansion": movement("expansion"),
    "mrr_contraction": movement("contraction"),
    "mrr_churn": movement("churn"),
    "mrr_reactivation": movement("reactivation"),
    "customer_lifetime_value": customer_lifetime_value,
    "customer_lifetime_value_margin": customer_lifetime_value_margin,
    "customer_lifetime_value_discounted": customer_lifetime_value_discounted,
    "customer_lifetime_value_discounted_in_advance": customer_lifetime_value_discounted_in_advance,
    "customer_equity": customer_equity,
    "historic_customer_value": historic_customer_value,
    "predicted_customer_value": predicted_customer_value,
    "customer_equity_predicted": customer_equity_predicted,
}
WITHOUT_SLICES = {"required_new_customers", "acquisition_adequacy"}


# -----------------------------------------------------------------------------------------------------------
# The golden cells


def cells(kpi: str) -> list[tuple[Period, tuple[str, str]]]:
    whole = [(QUARTER, WHOLE), (YEAR, WHOLE)]
    return whole if kpi in WITHOUT_SLICES else [*whole, (QUARTER, REP)]


def scope_of(
    data: base.Data, customers: list[Customer], fit: Fit, period: Period, cut: tuple[str, str]
) -> Scope:
    known_from = min(one.since for one in customers if one.since).replace(day=1)
    days = [person.qualified for person in data.people.values() if person.is_in(*cut)]
    return Scope(
        customers=[one for one in customers if one.is_in(*cut)],
        qualified=sum(period.has(day) for day in days if day and day >= known_from),
        period=period,
        fit=fit,
    )


def figure_text(figure: Decimal | None) -> str:
    return "" if figure is None else f"{base.cents(figure):f}"


def golden_text() -> str:
    """Return the golden numbers as the text of a CSV file."""
    data = base.Data()
    customers = read_customers(data)
    fit = fit_of(customers)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(base.COLUMNS)
    for kpi, work_out in KPIS.items():
        for period, cut in cells(kpi):
            result = work_out(scope_of(data, customers, fit, period, cut))
            figures = [result.numerator, result.denominator, result.value]
            where = [kpi, period.grain, str(period.start), *cut]
            writer.writerow([*where, *map(figure_text, figures), str(result.n)])
    return out.getvalue()


if __name__ == "__main__":
    base.print_or_write(golden_text(), GOLDEN)
