"""Writes zones.tsv: a time zone, a local time without offset, and the same with the offset that
Python's zoneinfo gives it (the earlier instant where clocks were put back). Times that do not exist
are left out. Zones whose future rules change from one tzdata to the next (Morocco) are left out too."""

import random
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

random.seed(20240229)
ZONES = ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
         "America/Sao_Paulo", "Europe/Dublin", "Pacific/Apia", "Asia/Kathmandu",
         "America/St_Johns", "Antarctica/Troll", "UTC"]


def exists(local, zone):
    there = local.replace(tzinfo=zone).astimezone(timezone.utc)
    return there.astimezone(zone).replace(tzinfo=None) == local


def transitions(zone, year):
    hour = datetime(year, 1, 1, tzinfo=timezone.utc)
    before = hour.astimezone(zone).utcoffset()
    for _ in range(366 * 24):
        hour += timedelta(hours=1)
        now = hour.astimezone(zone).utcoffset()
        if now != before:
            yield hour.astimezone(zone).replace(tzinfo=None)
        before = now


with open("zones.tsv", "w") as out:
    for name in ZONES:
        zone = ZoneInfo(name)
        times = [datetime(1900, 1, 1) + timedelta(seconds=random.randrange(2**33)) for _ in range(20)]
        for year in (1960, 1988, 2005, 2011, 2023):
            for at in transitions(zone, year):
                times += [at + timedelta(minutes=random.randrange(-180, 180)) for _ in range(4)]
        # The rule of the file's footer, beyond its last transition.
        times += [datetime(2050, 1, 1) + timedelta(seconds=random.randrange(2**33)) for _ in range(8)]
        for local in times:
            if exists(local, zone):
                stamp = local.replace(tzinfo=zone).isoformat()
                out.write(f"{name}\t{local.isoformat()}\t{stamp.replace('+00:00', 'Z') if name == 'UTC' else stamp}\n")
