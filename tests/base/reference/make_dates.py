"""Writes dates.tsv: texts of times, strptime formats, and the times in ISO 8601 that Python's
datetime reads; then times, strftime formats and what Python writes."""

import random
from datetime import datetime, timedelta

random.seed(20240229)
READ = ["%Y-%m-%d %H:%M:%S.%f", "%d %B %Y %I:%M %p", "%b %d, %Y", "%y%m%d", "%j/%Y", "%Y%m%d%H%M%S",
        "%d.%m.%Y", "%Y. %m. %d.", "%A, %d-%b-%Y", "%H:%M on %Y/%m/%d", "%Y년 %m월 %d일"]
WRITE = "%Y %m %d %H %I %M %S %f %p %b %B %j %% %a %A %y"
with open("dates.tsv", "w") as out:
    for k in range(330):
        time = datetime(1900, 1, 1) + timedelta(seconds=random.randrange(7_000_000_000),
                                                microseconds=random.randrange(1_000_000))
        form = READ[k % len(READ)]
        text = time.strftime(form)
        read = datetime.strptime(text, form)
        iso = read.isoformat(timespec="microseconds" if read.microsecond else "seconds") + "Z"
        stamp = time.isoformat(timespec="microseconds") + "Z"
        out.write("\t".join([text, form, iso, stamp, time.strftime(WRITE)]) + "\n")
