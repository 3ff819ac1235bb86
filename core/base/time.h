#ifndef HANA_BASE_TIME_H
#define HANA_BASE_TIME_H

#include "error.h"
#include "memory.h"

#include <stddef.h>
#include <stdint.h>

/* Dates are days since 1970-01-01 (proleptic Gregorian), datetimes microseconds UTC since
 * then. */

HANA_API int64_t hana_days_from_civil(int64_t year, int month, int day);
HANA_API void hana_civil_from_days(int64_t days, int64_t *year, int *month, int *day);
HANA_API int hana_weekday(int64_t days); /* 1 = Monday ... 7 = Sunday (ISO 8601) */

/* A time zone, read from tzdata's files and cached for the process; "UTC" needs no file.
   Borrowed, never freed. */
typedef struct hana_zone hana_zone;
HANA_API hana_status hana_zone_get(const hana_zone **out, const char *name,
                                   hana_error *err);
HANA_API const char *hana_zone_name(const hana_zone *zone);
/* Seconds to add to UTC at that instant (seconds since 1970). */
HANA_API int32_t hana_zone_offset(const hana_zone *zone, int64_t utc_seconds);
/* Local wall-clock seconds to UTC seconds. kind: 0 unique, 1 in the gap (no such local
   time: utc is what the offset before the gap gives), 2 in the overlap (the earlier
   instant is given). */
HANA_API int64_t hana_zone_to_utc(const hana_zone *zone, int64_t local_seconds,
                                  int *kind);

/* ISO 8601: 2024-02-29; 2024-02-29[T ]12:30[:15[.ffffff]][Z|+09:00|+0900|+09]; a datetime
   may be a date alone (midnight). Return 0 when the text is none. `has_offset` says
   whether an offset stood there; micros are then UTC, else local. More than 6 digits of a
   second are none unless they are zeros: nothing is cut off in silence. */
HANA_API int hana_parse_date(const char *text, size_t length, int32_t *days);
HANA_API int hana_parse_datetime(const char *text, size_t length, int64_t *micros,
                                 int *has_offset);

/* strptime's %Y %y %m %d %e %H %I %M %S %f (of up to 18 digits) %p %b %B %j %z %Z(=Z,
   UTC, GMT) %F %T %a %A %% and literal text; blanks match any number of blanks. English
   names of months and weekdays (the latter are not checked). %y: 69..99 is 19xx, 00..68
   is 20xx. What is not given is 1970, 1 January, 0:00. Returns 0 when the text does not
   match. */
HANA_API int hana_parse_time_format(const char *text, size_t length, const char *format,
                                    int64_t *micros, int *has_offset);
/* 1 when the text is no datetime by the format (NULL: ISO 8601) only because it has more
   digits of a second than a microsecond does, which are no zeros. */
int hana_time_is_finer(const char *text, size_t length, const char *format);
/* What is then wrong with it: "'...' has more ...", and what a column of such texts is.
 */
#define HANA_TIME_IS_FINER "has more than the 6 digits of a second that a datetime keeps"
#define HANA_TIMES_ARE_FINER                                                             \
    "datetimes with more than the 6 digits of a second that they keep"
/* 1 when a field of the format tells the time of day: a datetime, else a date. */
HANA_API int hana_format_has_time(const char *format);
/* HANA_BAD_ARGUMENT naming the first directive of the format that is not known. */
HANA_API hana_status hana_format_check(const char *format, hana_error *err);
/* strftime's counterparts, of local (wall-clock) microseconds; offset for %z. */
HANA_API hana_status hana_format_time(hana_text *out, int64_t local_micros,
                                      int32_t offset_seconds, const char *format,
                                      hana_error *err);
/* "2024-02-29" and "2024-02-29T12:30:15[.ffffff]Z|+09:00" into out (at least 48 bytes).
 */
HANA_API int hana_print_date(char *out, int32_t days);
HANA_API int hana_print_datetime(char *out, int64_t micros, const hana_zone *zone);

#endif
