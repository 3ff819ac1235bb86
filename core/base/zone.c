#include "time.h"

#include "value.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Time zones as tzdata's files describe them (RFC 8536, "The Time Zone Information
   Format"): a list of transitions, and a rule in POSIX form for all that comes after. */

#define ZONE_FOLDER "/usr/share/zoneinfo"

/* A day of the year at which the offset changes. */
typedef struct rule_day {
    enum { JULIAN, ZERO_BASED, WEEKDAY_OF_MONTH } kind;
    int day; /* Jn: 1..365 without 29 February; n: 0..365; M: weekday, 0 = Sunday */
    int month, week; /* M */
    int32_t seconds; /* of local time, may be negative or more than a day */
} rule_day;

typedef struct rule {
    int present, has_summer;
    int32_t winter, summer; /* seconds east of Greenwich */
    rule_day start, end;    /* of summer time */
} rule;

struct hana_zone {
    struct hana_zone *next;
    char *name;
    size_t n;
    int64_t *at;     /* UTC seconds, ascending */
    int32_t *offset; /* from at[i] on */
    int32_t first;   /* before at[0] */
    rule after;      /* after the last */
};

static hana_zone utc = { .name = (char *)(uintptr_t) "UTC" };
static hana_zone *loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

const char *hana_zone_name(const hana_zone *zone)
{
    return zone->name;
}

/* The footer. */

static int rule_name(const char **c)
{
    const char *start = *c;
    if (**c == '<') {
        while (**c && **c != '>') (*c)++;
        return *(*c)++ == '>';
    }
    while ((**c | 0x20) >= 'a' && (**c | 0x20) <= 'z') (*c)++;
    return *c - start >= 3;
}

static int rule_number(const char **c, int *out)
{
    if (**c < '0' || **c > '9') return 0;
    int value = 0;
    for (int n = 0; n < 4 && **c >= '0' && **c <= '9'; n++)
        value = value * 10 + (*(*c)++ - '0');
    *out = value;
    return 1;
}

/* [+-]hh[:mm[:ss]] */
static int rule_time(const char **c, int32_t *out)
{
    int negative = **c == '-', hours, minutes = 0, seconds = 0;
    if (**c == '-' || **c == '+') (*c)++;
    if (!rule_number(c, &hours)) return 0;
    if (**c == ':') {
        (*c)++;
        if (!rule_number(c, &minutes)) return 0;
        if (**c == ':') {
            (*c)++;
            if (!rule_number(c, &seconds)) return 0;
        }
    }
    *out = hours * 3600 + minutes * 60 + seconds;
    if (negative) *out = -*out;
    return 1;
}

static int rule_date(const char **c, rule_day *out)
{
    if (*(*c)++ != ',') return 0;
    if (**c == 'M') {
        (*c)++;
        out->kind = WEEKDAY_OF_MONTH;
        if (!rule_number(c, &out->month) || *(*c)++ != '.' ||
            !rule_number(c, &out->week) || *(*c)++ != '.' || !rule_number(c, &out->day)) {
            return 0;
        }
        if (out->month < 1 || out->month > 12 || out->week < 1 || out->week > 5 ||
            out->day > 6) {
            return 0;
        }
    } else {
        out->kind = **c == 'J' ? JULIAN : ZERO_BASED;
        if (**c == 'J') (*c)++;
        if (!rule_number(c, &out->day) || out->day > 365) return 0;
    }
    out->seconds = 7200;
    if (**c != '/') return 1;
    (*c)++;
    return rule_time(c, &out->seconds);
}

static int parse_rule(const char *text, rule *out)
{
    const char *c = text;
    rule r = { .present = 1 };
    if (!rule_name(&c) || !rule_time(&c, &r.winter)) return 0;
    r.winter = -r.winter; /* POSIX counts west of Greenwich */
    r.summer = r.winter + 3600;
    if (*c) {
        r.has_summer = 1;
        if (!rule_name(&c)) return 0;
        if (*c && *c != ',') {
            if (!rule_time(&c, &r.summer)) return 0;
            r.summer = -r.summer;
        }
        if (!rule_date(&c, &r.start) || !rule_date(&c, &r.end) || *c) return 0;
    }
    *out = r;
    return 1;
}

/* Local wall-clock seconds at which the rule's day comes in that year. */
static int64_t rule_instant(const rule_day *day, int64_t year)
{
    int64_t first = hana_days_from_civil(year, 1, 1), days = first;
    if (day->kind == ZERO_BASED) {
        days += day->day;
    } else if (day->kind == JULIAN) {
        int leap = hana_days_from_civil(year, 3, 1) - first == 60;
        days += day->day - 1 + (leap && day->day >= 60);
    } else {
        first = hana_days_from_civil(year, day->month, 1);
        int64_t next = day->month == 12 ? hana_days_from_civil(year + 1, 1, 1)
                                        : hana_days_from_civil(year, day->month + 1, 1);
        int weekday = hana_weekday(first) % 7;
        days = first + (day->day - weekday + 7) % 7 + 7 * (day->week - 1);
        if (days >= next) days -= 7;
    }
    return days * 86400 + day->seconds;
}

static int64_t year_of(int64_t seconds)
{
    int64_t year;
    int month, day;
    hana_civil_from_days(seconds / 86400 - (seconds % 86400 < 0), &year, &month, &day);
    return year;
}

static int32_t rule_offset(const rule *r, int64_t at)
{
    if (!r->has_summer) return r->winter;
    int64_t year = year_of(at + r->winter);
    int64_t start = rule_instant(&r->start, year) - r->winter;
    int64_t end = rule_instant(&r->end, year) - r->summer;
    int summer = start < end ? at >= start && at < end : !(at >= end && at < start);
    return summer ? r->summer : r->winter;
}

/* The file. */

typedef struct header {
    size_t isutc, isstd, leap, times, types, chars;
} header;

static uint32_t big32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t big64(const unsigned char *p)
{
    return (int64_t)((uint64_t)big32(p) << 32 | big32(p + 4));
}

enum { HEADER = 44 };

static int read_header(const unsigned char *p, const unsigned char *end, header *h,
                       int *version)
{
    if (end - p < HEADER || memcmp(p, "TZif", 4) != 0) return 0;
    *version = p[4];
    *h = (header){ .isutc = big32(p + 20),
                   .isstd = big32(p + 24),
                   .leap = big32(p + 28),
                   .times = big32(p + 32),
                   .types = big32(p + 36),
                   .chars = big32(p + 40) };
    return 1;
}

static size_t body_size(const header *h, size_t time_size)
{
    return h->times * time_size + h->times + h->types * 6 + h->chars +
           h->leap * (time_size + 4) + h->isstd + h->isutc;
}

/* Fills the transitions from one body; `wide` times have 8 bytes. */
static hana_status read_body(hana_zone *zone, const unsigned char *p, const header *h,
                             int wide, int *valid, hana_error *err)
{
    size_t time_size = wide ? 8 : 4;
    const unsigned char *index = p + h->times * time_size, *types = index + h->times;
    zone->at = hana_alloc(h->times, sizeof *zone->at);
    zone->offset = hana_alloc(h->times, sizeof *zone->offset);
    if (!zone->at || !zone->offset) return hana_fail_memory(err);
    *valid = h->types > 0;
    for (size_t i = 0; i < h->times && *valid; i++) {
        zone->at[i] = wide ? big64(p + 8 * i) : (int32_t)big32(p + 4 * i);
        *valid = index[i] < h->types && (i == 0 || zone->at[i] > zone->at[i - 1]);
        if (*valid) zone->offset[i] = (int32_t)big32(types + 6 * (size_t)index[i]);
    }
    zone->n = h->times;
    if (*valid) zone->first = (int32_t)big32(types);
    return HANA_OK;
}

static hana_status read_file(hana_zone *zone, const unsigned char *p, size_t length,
                             const char *path, hana_error *err)
{
    const unsigned char *end = p + length;
    header h;
    int version, valid = read_header(p, end, &h, &version);
    if (valid && version >= '2') {
        size_t first = HEADER + body_size(&h, 4);
        p += first < length ? first : length;
        valid = read_header(p, end, &h, &version);
    }
    int wide = valid && version >= '2';
    size_t size = valid ? body_size(&h, wide ? 8 : 4) : 0;
    valid = valid && size <= (size_t)(end - p) - HEADER;
    if (valid) HANA_TRY(read_body(zone, p + HEADER, &h, wide, &valid, err));
    if (valid && wide) {
        char footer[128];
        const unsigned char *c = p + HEADER + size;
        size_t n = 0;
        if (c < end && *c == '\n') c++;
        while (c < end && *c != '\n' && n + 1 < sizeof footer) footer[n++] = (char)*c++;
        footer[n] = '\0';
        if (n > 0) valid = parse_rule(footer, &zone->after);
    }
    if (valid) return HANA_OK;
    return hana_fail(err, HANA_BAD_FORMAT, "'%s' is not a time zone file", path);
}

static void zone_free(hana_zone *zone)
{
    hana_free(zone->name);
    hana_free(zone->at);
    hana_free(zone->offset);
    hana_free(zone);
}

/* Letters, digits and + - _ in parts with single slashes between: no way out of the
 * folder. */
static int plausible(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 63 || name[0] == '/' || name[length - 1] == '/') return 0;
    for (const char *c = name; *c; c++) {
        int letter = (*c | 0x20) >= 'a' && (*c | 0x20) <= 'z';
        int slash = *c == '/' && c[1] != '/';
        if (!letter && !slash && !(*c >= '0' && *c <= '9') && !strchr("+-_", *c))
            return 0;
    }
    return 1;
}

/* The names in zone.tab: country, coordinates, name. */
static hana_status unknown(const char *name, hana_error *err)
{
    hana_names names = { 0 };
    char line[512], zone[64];
    FILE *file = fopen(ZONE_FOLDER "/zone.tab", "r");
    if (!file) {
        return hana_fail(
            err, HANA_NO_SUCH_NAME,
            "unknown time zone '%s' (%s is missing: install the Debian package tzdata)",
            name, ZONE_FOLDER);
    }
    hana_status status = hana_names_add(&names, "UTC", err);
    while (status == HANA_OK && fgets(line, sizeof line, file)) {
        if (line[0] == '#' || sscanf(line, "%*s %*s %63s", zone) != 1) continue;
        status = hana_names_add(&names, zone, err);
    }
    fclose(file);
    if (status == HANA_OK) {
        status = hana_fail_unknown(err, "unknown time zone", name, "",
                                   (const char *const *)names.items, names.n);
    }
    hana_names_clear(&names);
    return status;
}

static hana_status load(hana_zone **out, const char *name, hana_error *err)
{
    enum { LARGEST = 1 << 16 };
    char path[128];
    if (!plausible(name)) return unknown(name, err);
    snprintf(path, sizeof path, "%s/%s", ZONE_FOLDER, name);
    FILE *file = fopen(path, "rb");
    if (!file) return unknown(name, err);
    hana_zone *zone = hana_alloc_zero(1, sizeof *zone);
    unsigned char *bytes = hana_alloc(LARGEST, 1);
    hana_status status = HANA_OK;
    if (zone) zone->name = hana_strdup(name);
    if (!zone || !bytes || !zone->name) {
        status = hana_fail_memory(err);
    } else {
        size_t length = fread(bytes, 1, LARGEST, file);
        /* A folder such as "Asia" opens but cannot be read. */
        status =
            ferror(file) ? unknown(name, err) : read_file(zone, bytes, length, path, err);
    }
    fclose(file);
    hana_free(bytes);
    if (status != HANA_OK) {
        if (zone) zone_free(zone);
        return status;
    }
    *out = zone;
    return HANA_OK;
}

hana_status hana_zone_get(const hana_zone **out, const char *name, hana_error *err)
{
    if (strcmp(name, "UTC") == 0) {
        *out = &utc;
        return HANA_OK;
    }
    hana_status status = HANA_OK;
    pthread_mutex_lock(&lock);
    hana_zone *zone = loaded;
    while (zone && strcmp(zone->name, name) != 0) zone = zone->next;
    if (!zone) {
        status = load(&zone, name, err);
        if (status == HANA_OK) {
            zone->next = loaded;
            loaded = zone;
        }
    }
    pthread_mutex_unlock(&lock);
    if (status == HANA_OK) *out = zone;
    return status;
}

/* How many transitions happened by then. */
static size_t passed(const hana_zone *zone, int64_t at)
{
    size_t low = 0, high = zone->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->at[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t hana_zone_offset(const hana_zone *zone, int64_t utc_seconds)
{
    size_t i = passed(zone, utc_seconds);
    if (i == zone->n && zone->after.present)
        return rule_offset(&zone->after, utc_seconds);
    return i == 0 ? zone->first : zone->offset[i - 1];
}

/* Transitions in (from, to), ascending; returns how many, at most `most`. */
static size_t between(const hana_zone *zone, int64_t from, int64_t to, int64_t *out,
                      size_t most)
{
    size_t n = 0;
    for (size_t i = passed(zone, from); i < zone->n && zone->at[i] < to && n < most;
         i++) {
        out[n++] = zone->at[i];
    }
    const rule *r = &zone->after;
    int64_t last = zone->n ? zone->at[zone->n - 1] : INT64_MIN;
    if (!r->present || !r->has_summer || to <= last) return n;
    for (int64_t year = year_of(from) - 1; year <= year_of(to) + 1; year++) {
        int64_t change[2] = { rule_instant(&r->start, year) - r->winter,
                              rule_instant(&r->end, year) - r->summer };
        int later_first = change[0] > change[1];
        for (int k = 0; k < 2; k++) {
            int64_t at = change[later_first ? 1 - k : k];
            if (at > from && at > last && at < to && n < most) out[n++] = at;
        }
    }
    return n;
}

int64_t hana_zone_to_utc(const hana_zone *zone, int64_t local_seconds, int *kind)
{
    enum { MOST = 16, WINDOW = 2 * 86400 };
    int64_t change[MOST];
    /* No offset is as large as two days: the instant lies within. */
    int64_t from = local_seconds - WINDOW, to = local_seconds + WINDOW;
    size_t n = between(zone, from, to, change, MOST);
    int64_t found = 0, gap = 0;
    int matches = 0;
    int32_t before = hana_zone_offset(zone, from);
    for (size_t i = 0; i <= n; i++) {
        int64_t start = i == 0 ? from : change[i - 1], end = i == n ? to : change[i];
        int32_t offset = i == 0 ? before : hana_zone_offset(zone, start);
        int64_t at = local_seconds - offset;
        if (at >= start && at < end && matches++ == 0) found = at;
        if (i > 0 && local_seconds - before >= start && at < start)
            gap = local_seconds - before;
        before = offset;
    }
    *kind = matches == 0 ? 1 : matches == 1 ? 0 : 2;
    return matches ? found : gap;
}
