#!/usr/bin/python3
"""generate.py - a season of any size, in the form of tests/data/season.

usage: generate.py OUT [--seed N] [--marks M] [--countries C]

Follows tests/data/generator-spec.md, points 1 to 4 and 8, as far as the final state goes:
clubs whose size falls with their rank, workshops of 10 to 18, a quarter of the young
people returning, namesakes, late and early days, marks with an effect of the person,
closings. Marks are missing in open workshops only, since a gap blocks the closing (V18).
A function of its arguments: its own random numbers, integers alone, no clock, no locale.
It checks itself and writes totals.csv, the sums that any reader has to find.
"""
import argparse
import csv
import datetime
import os
import unicodedata

MASK = (1 << 64) - 1
EPOCH = datetime.date(2025, 1, 6)  # a Monday
WEEKS = 156
TODAY = EPOCH + datetime.timedelta(weeks=WEEKS)
DAYS = 5
MARKS = (("present", 82), ("late", 6), ("excused", 5), ("absent", 7))
# Odds of absence of one person against another's, in sixteenths: few miss much.
EFFECT = (4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 20, 24, 30, 38, 51)
LANGUAGES = ("de", "cs", "sk", "hu", "pl")
SYLLABLES = {
    "de": ("an bern di er frie ger hei jo kät lu mar nor ot re sö til ul wal",
           "a bert ke la mar na ne rich run win", "s t n l"),
    "cs": ("an bo če da ev há ji ka lu ma ně ol pe ra ši to va zd",
           "a ček da ka la mír na slav ta vá", "k n š l"),
    "sk": ("an bo da ev há iv ja ka ľu ma ná ol pe ra ši to vla zu",
           "a ko da ka la mír na slav ša vá", "k n š r"),
    "hu": ("an ba csa dé en fe gá il jó ká lá má nó or pé ró sá tí",
           "a bor da gi ka la lán na ri vér", "s n r k"),
    "pl": ("an bo cze da ew ga ha ja ka łu ma nę ol pa ra sta to wo",
           "a cja da ka la mir na sław sia wa", "k n ś r"),
}
THEMES = ("dialogue", "biography", "media", "youth_culture", "street_work")


class Random:
    """splitmix64 (Steele, Lea, Flood 2014)."""

    def __init__(self, seed):
        self.state = seed & MASK

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def below(self, n):
        return self.next() * n >> 64

    def chance(self, parts, of):
        return self.below(of) < parts


def fifth_root(n):
    """The integer fifth root."""
    low, high = 0, 1 << (n.bit_length() // 5 + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**5 <= n else (low, middle - 1)
    return low


class Ranked:
    """Draws 0..n-1 with given weights."""

    def __init__(self, weights):
        self.sums = []
        total = 0
        for w in weights:
            total += w
            self.sums.append(total)

    def draw(self, random):
        x = random.below(self.sums[-1])
        low, high = 0, len(self.sums) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if x < self.sums[middle] else (middle + 1, high)
        return low


def zipf(n):
    """Weights 1 / rank^0.8, as the fifth root of 1 / rank^4."""
    return [fifth_root((1 << 80) // r**4) for r in range(1, n + 1)]


def names_of(language, n, shift):
    heads, tails, ends = (part.split() for part in SYLLABLES[language])
    out = []
    for i in range(n):
        i += shift
        head, i = heads[i % len(heads)], i // len(heads)
        tail, i = tails[i % len(tails)], i // len(tails)
        end = ends[i % len(ends)] if i else ""
        out.append((head + tail + end + ("ová" if i >= len(ends) else "")).capitalize())
    return out


class Season:
    def __init__(self, out, seed, marks, countries):
        self.random, self.out = Random(seed), out
        self.wanted, self.n_countries = marks, countries
        self.files = {}
        self.n_marks = dict.fromkeys([m for m, _ in MARKS] + ["missing"], 0)
        self.totals = []
        self.n_namesakes = self.n_people = 0
        self.first = {x: Ranked(zipf(200)) for x in LANGUAGES}
        self.last = {x: Ranked(zipf(500)) for x in LANGUAGES}
        self.given = {x: names_of(x, 200, 0) for x in LANGUAGES}
        self.family = {x: names_of(x, 500, 200) for x in LANGUAGES}

    def row(self, name, *cells):
        if name not in self.files:
            path = os.path.join(self.out, name + ".csv")
            f = open(path, "w", encoding="utf-8", newline="")
            self.files[name] = (f, csv.writer(f, lineterminator="\n"))
        self.files[name][1].writerow(cells)

    def headers(self):
        for name, columns in (
            ("countries", "code,name,language,name_order,guardian_consent_below_age"),
            ("organisations", "ref,country,kind,name,place"),
            ("persons", "ref,country,org,given_name,family_name,role,email"),
            ("practices", "ref,origin_country,origin_org,title,themes,age_min,age_max,"
                          "summary_en"),
            ("activities", "ref,type,country,org,practice,title,start,days,status"),
            ("activity_days", "activity,day,date,held,reason_not_held,headcount"),
            ("team", "activity,person,function,experience"),
            ("young_people", "ref,country,org,given_name,family_name,birth_year,gender,"
                             "consent,consent_by,consent_on,consent_form_no,"
                             "photo_consent,guardian_contact"),
            ("enrolments", "ref,activity,who_kind,who,joined_day,left_day"),
            ("marks", "enrolment,day,status"),
            ("totals", "workshop,enrolled,days_held,present,late,excused,absent,missing"),
        ):
            self.row(name, *columns.split(","))

    # ---- reference ----

    def country(self, i):
        code = chr(65 + i // 26 % 26) + chr(65 + i % 26)
        language = LANGUAGES[i % len(LANGUAGES)]
        order = "family_given" if language == "hu" else "given_family"
        self.row("countries", code, "Country " + code, language, order, 15 + i % 2)
        self.row("organisations", code + "-P1", code, "partner", "Partner " + code, "X")
        self.row("persons", code + "-N1", code, code + "-P1", "Nora", "One", "coordinator",
                 (code + "-n1").lower() + "@example.org")
        for k in range(1, 21):
            self.row("persons", f"{code}-T{k}", code, code + "-P1", "Toni", f"No {k}",
                     "trainer", f"{code}-t{k}@example.org".lower())
        self.row("practices", f"GP{i + 1:02}", code, code + "-P1", "Practice of " + code,
                 THEMES[i % len(THEMES)], 12, 20, "A practice of " + code + ".")
        return code, language

    def clubs(self, code):
        n = -(-self.wanted // self.n_countries // 2500)
        for k in range(1, n + 1):
            self.row("organisations", f"{code}-C{k}", code, "youth_club", f"Club {k}", "Y")
        return n, Ranked([(1 << 20) // (k + 3) for k in range(1, n + 1)])

    # ---- people ----

    def name(self, language):
        r = self.random
        given = self.given[language][self.first[language].draw(r)]
        family = self.family[language][self.last[language].draw(r)]
        kind = r.below(10000)
        if kind < 100:
            return unicodedata.normalize("NFD", given), family
        if kind < 200:
            plain = unicodedata.normalize("NFD", family)
            return given, "".join(c for c in plain if not unicodedata.combining(c))
        if kind < 210:
            return given, (family + " ") * (110 // (len(family) + 1)) + family
        if kind < 211:
            return given + "\U0001f600", family
        return given, family

    def person(self, code, language, club, year, known):
        r = self.random
        self.n_people += 1
        ref = f"{code}-Y{self.n_people:06}"
        given, family = self.name(language)
        self.n_namesakes += (club, given, family) in known["names"]
        known["names"].add((club, given, family))
        age = 13 + r.below(7)
        consent = "pending" if r.chance(1, 100) else "given"
        on = f"{year}-01-02" if consent == "given" else ""
        self.row("young_people", ref, code, f"{code}-C{club + 1}", given, family,
                 year - age, "fmdn"[(0, 0, 0, 0, 1, 1, 1, 1, 2, 3)[r.below(10)]], consent,
                 ("guardian" if age < 16 else "self") if on else "", on,
                 f"{code}/{self.n_people}" if on else "", "yes", "")
        return ref, EFFECT[r.below(16)]

    def group(self, code, language, club, year, known):
        """Young people of one workshop: a quarter come from earlier ones of the club."""
        r, out, taken = self.random, [], set()
        here = known["clubs"].setdefault(club, [])
        for _ in range(10 + r.below(9)):
            old = here[r.below(len(here))] if here and r.chance(25, 100) else None
            if old is None or old[0] in taken:
                old = self.person(code, language, club, year, known)
                here.append(old)
            taken.add(old[0])
            out.append(old)
        return out

    # ---- workshops ----

    def start(self):
        while True:
            day = EPOCH + datetime.timedelta(weeks=self.random.below(WEEKS))
            if not (day.month == 12 and day.day > 14):
                return day

    def mark(self, effect):
        """One of MARKS; absences weigh as much as the person's effect says."""
        weights = [w * 16 if m in ("present", "late") else w * effect for m, w in MARKS]
        x = self.random.below(sum(weights))
        for (word, _), w in zip(MARKS, weights):
            if x < w:
                return word
            x -= w
        raise AssertionError

    def workshop(self, code, language, n, club, known):
        r, ref = self.random, f"{code}-W{n}"
        start = self.start()
        held = [not r.chance(3, 100) for _ in range(DAYS)]
        old = start + datetime.timedelta(days=25) < TODAY
        closed = old and sum(held) >= 4 and r.chance(96, 100)
        self.row("activities", ref, "youth_workshop", code, f"{code}-C{club + 1}",
                 f"GP{1 + r.below(self.n_countries):02}", "Workshop " + ref,
                 start.isoformat(), DAYS,
                 "closed" if closed else "held" if start < TODAY else "planned")
        if closed and r.chance(3, 100):
            self.row("reopened", ref)
        for k, is_held in enumerate(held):
            self.row("activity_days", ref, k + 1,
                     (start + datetime.timedelta(days=k)).isoformat(),
                     "yes" if is_held else "no", "" if is_held else "burst pipe", "")
        self.row("team", ref, f"{code}-T{1 + r.below(20)}", "facilitator", "new")
        sums = dict.fromkeys(self.n_marks, 0)
        group = self.group(code, language, club, start.year, known)
        for no, (who, effect) in enumerate(group, 1):
            joined = 2 + r.below(3) if r.chance(4, 100) else 1
            left = joined + r.below(DAYS - joined) if r.chance(5, 100) and joined < DAYS else DAYS
            self.row("enrolments", f"{ref}-E{no:02}", ref, "young_person", who,
                     joined, left if left < DAYS else "")
            for k in range(joined, left + 1):
                if not held[k - 1]:
                    continue
                word = self.mark(effect)
                if not closed and r.chance(8, 100):
                    word = "missing"
                else:
                    self.row("marks", f"{ref}-E{no:02}", k, word)
                sums[word] += 1
        for word, count in sums.items():
            self.n_marks[word] += count
        self.row("totals", ref, len(group), sum(held), *(sums[m] for m, _ in MARKS),
                 sums["missing"])
        return sum(sums.values()) - sums["missing"]

    def play(self):
        self.headers()
        for i in range(self.n_countries):
            code, language = self.country(i)
            _, ranks = self.clubs(code)
            known = {"clubs": {}, "names": set()}
            share = self.wanted * (i + 1) // self.n_countries - self.wanted * i // self.n_countries
            n = 0
            while share > 0:
                n += 1
                share -= self.workshop(code, language, n, ranks.draw(self.random), known)
        self.check()

    def check(self):
        marks = sum(self.n_marks[m] for m, _ in MARKS)
        assert marks >= self.wanted, "too few marks"
        for word, percent in MARKS:
            share = self.n_marks[word] * 100 // marks
            assert abs(share - percent) <= 4, f"{word}: {share} %"
        if self.wanted >= 100000:
            assert self.n_namesakes * 50 >= self.n_people, "namesakes are too few"
        for f, _ in self.files.values():
            f.close()
        print(f"marks {marks} missing {self.n_marks['missing']} "
              f"people {self.n_people} namesakes {self.n_namesakes}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--marks", type=int, default=1000000)
    parser.add_argument("--countries", type=int, default=5)
    a = parser.parse_args()
    os.makedirs(a.out, exist_ok=True)
    Season(a.out, a.seed, a.marks, a.countries).play()


main()
