#include "data/expr_text.h"

#include "base/text.h"
#include "base/time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Dates and datetimes: conversion, parts, arithmetic. A datetime is read in its column's
 * zone. */

enum { DAY_SECONDS = 86400 };
static const int64_t second_micros = 1000000;
static const int64_t day_micros = INT64_C(86400000000);

typedef struct moment {
    const hana_zone *zone;
    char *format;
    int has_time;
} moment;

static void moment_free(void *state)
{
    moment *m = state;
    if (!m) return;
    hana_free(m->format);
    hana_free(m);
}

/* Gives the term a zone, and a format when there is one. */
static hana_status prepare(hana_term *term, const char *zone, const hana_slice *format,
                           hana_error *err)
{
    moment *m = hana_alloc_zero(1, sizeof *m);
    if (!m) return hana_fail_memory(err);
    term->state = m;
    term->state_free = moment_free;
    if (format) {
        m->format = hana_strndup(format->data, format->length);
        if (!m->format) return hana_fail_memory(err);
        HANA_TRY(hana_format_check(m->format, err));
        m->has_time = hana_format_has_time(m->format);
    }
    return hana_zone_get(&m->zone, zone, err);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (a % b < 0);
}

static int64_t to_local(const hana_zone *zone, int64_t micros)
{
    return micros +
           hana_zone_offset(zone, floor_div(micros, second_micros)) * second_micros;
}

static int64_t from_local_kind(const hana_zone *zone, int64_t local, int *kind)
{
    int64_t seconds = floor_div(local, second_micros);
    return hana_zone_to_utc(zone, seconds, kind) * second_micros +
           (local - seconds * second_micros);
}

static int64_t from_local(const hana_zone *zone, int64_t local)
{
    int kind;
    return from_local_kind(zone, local, &kind);
}

typedef enum reading { NO_TIME, A_TIME, IN_THE_GAP } reading;

/* Text to micros or days. In the gap is a time of day that clocks leave out. */
static reading read_moment(const moment *m, hana_type type, hana_slice text, int64_t *out)
{
    int64_t micros;
    int has_offset = 0;
    if (m->format) {
        if (!hana_parse_time_format(text.data, text.length, m->format, &micros,
                                    &has_offset))
            return NO_TIME;
    } else if (type == HANA_DATE) {
        int32_t days;
        if (!hana_parse_date(text.data, text.length, &days)) return NO_TIME;
        *out = days;
        return A_TIME;
    } else {
        int32_t days;
        if (hana_parse_date(text.data, text.length, &days)) {
            *out = from_local(m->zone, days * day_micros);
            return A_TIME;
        }
        if (!hana_parse_datetime(text.data, text.length, &micros, &has_offset))
            return NO_TIME;
    }
    if (type == HANA_DATE) {
        if (has_offset) micros = to_local(m->zone, micros);
        *out = floor_div(micros, day_micros);
        return A_TIME;
    }
    int kind = 0;
    *out = has_offset ? micros : from_local_kind(m->zone, micros, &kind);
    return kind == 1 && (!m->format || m->has_time) ? IN_THE_GAP : A_TIME;
}

/* What is wrong with a text; `how` says how it is written. */
static hana_status no_moment(const hana_program *program, const hana_term *arg,
                             const moment *m, hana_type type, hana_slice text,
                             reading what, const char *how, const char *where,
                             hana_error *err)
{
    int length = (int)(text.length < 60 ? text.length : 60);
    if (what == IN_THE_GAP)
        return hana_term_fail(program, arg, err, HANA_BAD_DATA,
                              "'%.*s'%s does not exist in %s: clocks went forward",
                              length, text.data, where, hana_zone_name(m->zone));
    if (type == HANA_DATETIME && hana_time_is_finer(text.data, text.length, m->format))
        return hana_term_fail(program, arg, err, HANA_BAD_DATA,
                              "'%.*s' " HANA_TIME_IS_FINER "%s", length, text.data,
                              where);
    return hana_term_fail(program, arg, err, HANA_BAD_DATA, "'%.*s' is no %s%s%s", length,
                          text.data, hana_type_name(type), how, where);
}

static hana_status text_to_time(hana_vector *out, const hana_term *term,
                                const hana_vector *args, hana_chunk *chunk,
                                const uint8_t *active, hana_error *err)
{
    void *data = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    const moment *m = term->state;
    out->at.any = data;
    for (size_t i = 0; i < chunk->n; i++) {
        int64_t value = 0;
        reading what = A_TIME;
        if (hana_vector_has(out, active, i))
            what = read_moment(m, term->type, x[i], &value);
        if (what != A_TIME) {
            char where[HANA_WHERE_SIZE], how[128] = "";
            if (m->format) snprintf(how, sizeof how, " of the form '%.100s'", m->format);
            return no_moment(chunk->program, term->args[0], m, term->type, x[i], what,
                             how, hana_chunk_where(where, term, chunk, i), err);
        }
        if (term->type == HANA_DATE)
            ((int32_t *)data)[i] = (int32_t)value;
        else
            ((int64_t *)data)[i] = value;
    }
    return HANA_OK;
}

static hana_status date_to_datetime(hana_vector *out, const hana_term *term,
                                    const hana_vector *args, hana_chunk *chunk,
                                    const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    int64_t *to = hana_chunk_data(chunk, term->reg);
    const moment *m = term->state;
    for (size_t i = 0; i < chunk->n; i++)
        to[i] = from_local(m->zone, args[0].at.c[i] * day_micros);
    out->at.i = to;
    return HANA_OK;
}

static hana_status datetime_to_date(hana_vector *out, const hana_term *term,
                                    const hana_vector *args, hana_chunk *chunk,
                                    const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    int32_t *to = hana_chunk_data(chunk, term->reg);
    const moment *m = term->state;
    for (size_t i = 0; i < chunk->n; i++)
        to[i] = (int32_t)floor_div(to_local(m->zone, args[0].at.i[i]), day_micros);
    out->at.c = to;
    return HANA_OK;
}

static hana_status time_term(hana_term **out, hana_program *program, hana_type type,
                             hana_kernel *run, hana_term *const *args, size_t n,
                             const char *zone, const hana_slice *format, size_t from,
                             size_t to, hana_error *err)
{
    hana_term *term;
    HANA_TRY(hana_term_apply(&term, program, type, run, args, n, from, to, err));
    HANA_TRY(prepare(term, zone, format, err));
    if (type == HANA_DATETIME) snprintf(term->zone, sizeof term->zone, "%s", zone);
    *out = term;
    return HANA_OK;
}

hana_status hana_term_to_time(hana_term **term, hana_program *program, hana_type type,
                              const char *zone, hana_error *err)
{
    hana_term *t = *term;
    if (t->untyped) {
        HANA_TRY(hana_term_convert(term, program, type, err));
        snprintf((*term)->zone, sizeof(*term)->zone, "%s", zone);
        return HANA_OK;
    }
    if (t->type == type) return HANA_OK;
    if (t->type == HANA_DATE && type == HANA_DATETIME)
        return time_term(term, program, type, date_to_datetime, &t, 1, zone, NULL,
                         t->from, t->to, err);
    if (t->kind == HANA_TERM_CONSTANT && t->type == HANA_STRING && !t->list) {
        moment m = { 0 };
        int64_t value;
        HANA_TRY(hana_zone_get(&m.zone, zone, err));
        reading what = read_moment(&m, type, t->constant.s, &value);
        if (what != A_TIME)
            return no_moment(program, t, &m, type, t->constant.s, what,
                             type == HANA_DATETIME ? "; write it as 2024-02-29 12:30:00"
                                                   : "; write it as 2024-02-29",
                             "", err);
        t->type = type;
        t->constant.i = value;
        snprintf(t->zone, sizeof t->zone, "%s", zone);
        return HANA_OK;
    }
    return hana_term_fail(program, t, err, HANA_BAD_TYPE,
                          "this is %s, a %s is wanted; %s(...) "
                          "makes one of text",
                          hana_term_describe(t), hana_type_name(type),
                          hana_type_name(type));
}

static int is_time(const hana_term *term)
{
    return !term->untyped && (term->type == HANA_DATE || term->type == HANA_DATETIME);
}

/* Arithmetic. */

int hana_is_time_arith(hana_expr_op op, const hana_term *a, const hana_term *b)
{
    return (op == HANA_OP_ADD || op == HANA_OP_SUB) && (is_time(a) || is_time(b));
}

static hana_status dates_apart(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    int64_t *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++)
        to[i] = (int64_t)args[0].at.c[i] - args[1].at.c[i];
    out->at.i = to;
    return HANA_OK;
}

static hana_status datetimes_apart(hana_vector *out, const hana_term *term,
                                   const hana_vector *args, hana_chunk *chunk,
                                   const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    double *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) {
        int64_t apart;
        if (__builtin_sub_overflow(args[0].at.i[i], args[1].at.i[i], &apart))
            to[i] = ((double)args[0].at.i[i] - (double)args[1].at.i[i]) /
                    (double)second_micros;
        else
            to[i] = (double)apart / (double)second_micros;
    }
    out->at.f = to;
    return HANA_OK;
}

static hana_status fail_range(const hana_term *term, const hana_chunk *chunk, size_t i,
                              hana_error *err)
{
    char where[HANA_WHERE_SIZE];
    return hana_term_fail(chunk->program, term, err, HANA_NUMERIC,
                          "this %s is out of range%s", hana_type_name(term->type),
                          hana_chunk_where(where, term, chunk, i));
}

static hana_status shift_date(hana_vector *out, const hana_term *term,
                              const hana_vector *args, hana_chunk *chunk,
                              const uint8_t *active, hana_error *err)
{
    int32_t *to = hana_chunk_data(chunk, term->reg);
    out->at.c = to;
    for (size_t i = 0; i < chunk->n; i++) {
        int64_t by = args[1].at.i[i], day = args[0].at.c[i], sum;
        int over = term->op == HANA_OP_SUB ? __builtin_sub_overflow(day, by, &sum)
                                           : __builtin_add_overflow(day, by, &sum);
        over |= sum > INT32_MAX || sum < INT32_MIN;
        to[i] = over ? 0 : (int32_t)sum;
        if (over && hana_vector_has(out, active, i))
            return fail_range(term, chunk, i, err);
    }
    return HANA_OK;
}

static hana_status shift_datetime(hana_vector *out, const hana_term *term,
                                  const hana_vector *args, hana_chunk *chunk,
                                  const uint8_t *active, hana_error *err)
{
    int64_t *to = hana_chunk_data(chunk, term->reg);
    out->at.i = to;
    for (size_t i = 0; i < chunk->n; i++) {
        double micros = args[1].at.f[i] * (double)second_micros;
        int over = !(fabs(micros) < 0x1p62);
        int64_t by = over ? 0 : llround(micros);
        over |= __builtin_add_overflow(args[0].at.i[i],
                                       term->op == HANA_OP_SUB ? -by : by, &to[i]);
        if (over && hana_vector_has(out, active, i))
            return fail_range(term, chunk, i, err);
    }
    return HANA_OK;
}

static hana_status check_apart(hana_term **out, hana_program *program, hana_term **pair,
                               size_t from, size_t to, hana_error *err)
{
    HANA_TRY(hana_terms_unify(pair, 2, program, "'-'", err));
    int dates = pair[0]->type == HANA_DATE;
    return hana_term_apply(out, program, dates ? HANA_INT : HANA_FLOAT,
                           dates ? dates_apart : datetimes_apart, pair, 2, from, to, err);
}

hana_status hana_check_time_arith(hana_term **out, hana_program *program, hana_expr_op op,
                                  hana_term *const *args, size_t from, size_t to,
                                  hana_error *err)
{
    hana_term *pair[2] = { args[0], args[1] };
    if (op == HANA_OP_SUB && is_time(pair[1])) {
        if (!is_time(pair[0]) && pair[0]->kind != HANA_TERM_CONSTANT)
            return hana_term_fail(
                program, pair[0], err, HANA_BAD_TYPE, "a %s cannot be taken from %s",
                hana_type_name(pair[1]->type), hana_term_describe(pair[0]));
        return check_apart(out, program, pair, from, to, err);
    }
    if (is_time(pair[0]) && is_time(pair[1]))
        return hana_term_fail(
            program, pair[1], err, HANA_BAD_TYPE,
            "two times cannot be added; '-' gives what lies between them");
    if (is_time(pair[1])) {
        pair[0] = args[1];
        pair[1] = args[0];
    }
    int date = pair[0]->type == HANA_DATE;
    if (op == HANA_OP_SUB && pair[1]->kind == HANA_TERM_CONSTANT &&
        hana_term_is_text(pair[1]) && !pair[1]->untyped)
        return check_apart(out, program, pair, from, to, err);
    if (!hana_term_is_number(pair[1]) ||
        (date && pair[1]->type == HANA_FLOAT && !pair[1]->untyped))
        return hana_term_fail(
            program, pair[1], err, HANA_BAD_TYPE, "to a %s %s are added, this is %s",
            date ? "date" : "datetime", date ? "days (an int)" : "seconds",
            hana_term_describe(pair[1]));
    HANA_TRY(hana_term_convert(&pair[1], program, date ? HANA_INT : HANA_FLOAT, err));
    HANA_TRY(hana_term_apply(out, program, pair[0]->type,
                             date ? shift_date : shift_datetime, pair, 2, from, to, err));
    (*out)->op = op;
    (*out)->fallible = 1;
    memcpy((*out)->zone, pair[0]->zone, sizeof(*out)->zone);
    return HANA_OK;
}

/* Functions. */

static hana_status want_format(hana_slice *out, const hana_call *call,
                               const hana_term *arg, hana_error *err)
{
    if (arg->kind != HANA_TERM_CONSTANT || arg->untyped || arg->list ||
        arg->type != HANA_STRING)
        return hana_term_fail(call->program, arg, err, HANA_BAD_TYPE,
                              "a format is a text written out, as '%%Y-%%m-%%d'");
    *out = arg->constant.s;
    return HANA_OK;
}

static hana_status check_make(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    hana_type type = (hana_type)call->function->op;
    hana_term *arg = call->args[0];
    hana_slice format = { "", 0 }, *given = NULL;
    if (call->n_args > 1) {
        HANA_TRY(want_format(&format, call, call->args[1], err));
        given = &format;
    }
    char zone[64] = "UTC";
    if (call->n_args > 2) {
        hana_slice name = { "", 0 };
        HANA_TRY(want_format(&name, call, call->args[2], err));
        snprintf(zone, sizeof zone, "%.*s", (int)(name.length < 63 ? name.length : 63),
                 name.data);
    }
    if (arg->untyped || arg->type == type) {
        *out = arg;
        return hana_term_convert(out, program, type, err);
    }
    if (type == HANA_DATE && arg->type == HANA_DATETIME)
        return time_term(out, program, type, datetime_to_date, &arg, 1, arg->zone, NULL,
                         call->from, call->to, err);
    if (type == HANA_DATETIME && arg->type == HANA_DATE)
        return time_term(out, program, type, date_to_datetime, &arg, 1, zone, NULL,
                         call->from, call->to, err);
    HANA_TRY(hana_want_text(program, &arg, call->function->info.name, err));
    HANA_TRY(time_term(out, program, type, text_to_time, &arg, 1, zone, given, call->from,
                       call->to, err));
    (*out)->fallible = 1;
    return HANA_OK;
}

static hana_status want_time(const hana_call *call, hana_term **arg, hana_error *err)
{
    if ((*arg)->untyped) return hana_term_convert(arg, call->program, HANA_DATE, err);
    if (!is_time(*arg))
        return hana_term_fail(call->program, *arg, err, HANA_BAD_TYPE,
                              "%s takes dates and datetimes, this is %s%s",
                              call->function->info.name, hana_term_describe(*arg),
                              hana_term_is_text(*arg) ? "; date(...) reads one from text"
                                                      : "");
    return HANA_OK;
}

enum { P_YEAR, P_MONTH, P_DAY, P_WEEKDAY, P_HOUR, P_MINUTE };

/* Days and microseconds of the day, as the wall clock shows them. */
static int64_t split(const hana_term *term, const hana_vector *arg, size_t i,
                     int64_t *rest)
{
    if (term->args[0]->type == HANA_DATE) {
        *rest = 0;
        return arg->at.c[i];
    }
    const moment *m = term->state;
    int64_t local = to_local(m->zone, arg->at.i[i]), day = floor_div(local, day_micros);
    *rest = local - day * day_micros;
    return day;
}

static hana_status run_part(hana_vector *out, const hana_term *term,
                            const hana_vector *args, hana_chunk *chunk,
                            const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    int64_t *to = hana_chunk_data(chunk, term->reg);
    out->at.i = to;
    for (size_t i = 0; i < chunk->n; i++) {
        int64_t rest, year, day = split(term, &args[0], i, &rest);
        int month, monthday;
        switch (term->op) {
        case P_WEEKDAY:
            to[i] = hana_weekday(day);
            continue;
        case P_HOUR:
            to[i] = rest / (3600 * second_micros);
            continue;
        case P_MINUTE:
            to[i] = rest / (60 * second_micros) % 60;
            continue;
        default:
            break;
        }
        hana_civil_from_days(day, &year, &month, &monthday);
        to[i] = term->op == P_YEAR ? year : term->op == P_MONTH ? month : monthday;
    }
    return HANA_OK;
}

static hana_status check_part(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    HANA_TRY(want_time(call, &arg, err));
    int op = call->function->op;
    if (arg->type == HANA_DATE && (op == P_HOUR || op == P_MINUTE))
        return hana_term_fail(call->program, arg, err, HANA_BAD_TYPE, "a date has no %s",
                              call->function->info.name);
    HANA_TRY(time_term(out, call->program, HANA_INT, run_part, &arg, 1, arg->zone, NULL,
                       call->from, call->to, err));
    (*out)->op = op;
    return HANA_OK;
}

static hana_status run_format(hana_vector *out, const hana_term *term,
                              const hana_vector *args, hana_chunk *chunk,
                              const uint8_t *active, hana_error *err)
{
    (void)active;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    const moment *m = term->state;
    hana_text made = { 0 };
    hana_status status = HANA_OK;
    out->at.s = to;
    for (size_t i = 0; i < chunk->n && status == HANA_OK; i++) {
        to[i] = (hana_slice){ "", 0 };
        if (out->valid && !out->valid[i]) continue;
        int64_t micros;
        int32_t offset = 0;
        if (term->args[0]->type == HANA_DATE)
            micros = args[0].at.c[i] * day_micros;
        else {
            offset = hana_zone_offset(m->zone, floor_div(args[0].at.i[i], second_micros));
            micros = args[0].at.i[i] + offset * second_micros;
        }
        made.length = 0;
        status = hana_format_time(&made, micros, offset, m->format, err);
        if (status != HANA_OK) break;
        char *kept = hana_arena_take(&chunk->arena, made.length);
        if (!kept)
            status = hana_fail_memory(err);
        else {
            if (made.length) memcpy(kept, made.data, made.length);
            to[i] = (hana_slice){ kept, made.length };
        }
    }
    hana_text_clear(&made);
    return status;
}

static hana_status check_format(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    hana_slice format = { "", 0 };
    HANA_TRY(want_time(call, &arg, err));
    HANA_TRY(want_format(&format, call, call->args[1], err));
    HANA_TRY(time_term(out, call->program, HANA_STRING, run_format, &arg, 1, arg->zone,
                       &format, call->from, call->to, err));
    hana_text probe = { 0 };
    const moment *m = (*out)->state;
    hana_status status = hana_format_time(&probe, 0, 0, m->format, err);
    hana_text_clear(&probe);
    if (status == HANA_OK || status == HANA_OUT_OF_MEMORY || !err) return status;
    char old[300];
    snprintf(old, sizeof old, "%.290s", err->message);
    return hana_term_fail(call->program, call->args[1], err, status, "%s", old);
}

enum { U_SECOND, U_MINUTE, U_HOUR, U_DAY, U_WEEK, U_MONTH, U_QUARTER, U_YEAR, N_UNITS };
static const char *const units[N_UNITS] = { "second", "minute", "hour",    "day",
                                            "week",   "month",  "quarter", "year" };

static int64_t first_day(int64_t day, int unit)
{
    int64_t year;
    int month, monthday;
    if (unit == U_DAY) return day;
    if (unit == U_WEEK) return day - (hana_weekday(day) - 1);
    hana_civil_from_days(day, &year, &month, &monthday);
    if (unit == U_YEAR) month = 1;
    if (unit == U_QUARTER) month = (month - 1) / 3 * 3 + 1;
    return hana_days_from_civil(year, month, 1);
}

static hana_status run_trunc(hana_vector *out, const hana_term *term,
                             const hana_vector *args, hana_chunk *chunk,
                             const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    void *data = hana_chunk_data(chunk, term->reg);
    const moment *m = term->state;
    int unit = term->op;
    int64_t length = unit == U_HOUR ? 3600 : unit == U_MINUTE ? 60 : 1;
    length *= second_micros;
    out->at.any = data;
    for (size_t i = 0; i < chunk->n; i++) {
        if (term->type == HANA_DATE) {
            ((int32_t *)data)[i] = (int32_t)first_day(args[0].at.c[i], unit);
            continue;
        }
        int64_t rest, day = split(term, &args[0], i, &rest), micros = args[0].at.i[i];
        ((int64_t *)data)[i] =
            unit < U_DAY ? micros - rest % length
                         : from_local(m->zone, first_day(day, unit) * day_micros);
    }
    return HANA_OK;
}

static hana_status check_trunc(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    const hana_term *given = call->args[1];
    HANA_TRY(want_time(call, &arg, err));
    int unit = 0, constant = given->kind == HANA_TERM_CONSTANT &&
                             given->type == HANA_STRING && !given->untyped;
    for (; unit < N_UNITS && constant; unit++)
        if (strlen(units[unit]) == given->constant.s.length &&
            memcmp(units[unit], given->constant.s.data, given->constant.s.length) == 0)
            break;
    if (!constant || unit == N_UNITS)
        return hana_term_fail(
            call->program, given, err, HANA_BAD_ARGUMENT,
            "a unit is 'second', 'minute', 'hour', 'day', 'week', 'month', "
            "'quarter' or 'year'");
    if (arg->type == HANA_DATE && unit < U_DAY)
        return hana_term_fail(call->program, given, err, HANA_BAD_ARGUMENT,
                              "a date has no %s", units[unit]);
    HANA_TRY(time_term(out, call->program, arg->type, run_trunc, &arg, 1, arg->zone, NULL,
                       call->from, call->to, err));
    (*out)->op = unit;
    return HANA_OK;
}

/* Days from the first to the second; datetimes count by their local dates. */
static hana_status check_days_between(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    hana_term *pair[2];
    for (int k = 0; k < 2; k++) {
        hana_term *arg = call->args[1 - k];
        int is_text =
            arg->kind == HANA_TERM_CONSTANT && arg->type == HANA_STRING && !arg->list;
        if (is_text && !arg->untyped)
            HANA_TRY(hana_term_to_time(&arg, program, HANA_DATE, "UTC", err));
        HANA_TRY(want_time(call, &arg, err));
        if (arg->type == HANA_DATETIME)
            HANA_TRY(time_term(&arg, program, HANA_DATE, datetime_to_date, &arg, 1,
                               arg->zone, NULL, arg->from, arg->to, err));
        pair[k] = arg;
    }
    return hana_term_apply(out, program, HANA_INT, dates_apart, pair, 2, call->from,
                           call->to, err);
}

#define ROW(name, arguments, help, min, max, check, op)                                  \
    {                                                                                    \
        { name, arguments, help }, min, max, HANA_FUNCTION_ROW, check, op, 0             \
    }

const hana_function hana_functions_time[] = {
    ROW("date", "x [, format]",
        "text (ISO 8601, or by a format as '%d.%m.%Y') or a datetime as a date", 1, 2,
        check_make, HANA_DATE),
    ROW("datetime", "x [, format [, zone]]",
        "text or a date as a datetime; of a local time that comes twice the earlier", 1,
        3, check_make, HANA_DATETIME),
    ROW("format", "x, format", "a date or datetime as text, as '%Y-%m'", 2, 2,
        check_format, 0),
    ROW("year", "x", "year", 1, 1, check_part, P_YEAR),
    ROW("month", "x", "month, 1 to 12", 1, 1, check_part, P_MONTH),
    ROW("day", "x", "day of the month", 1, 1, check_part, P_DAY),
    ROW("hour", "x", "hour, 0 to 23", 1, 1, check_part, P_HOUR),
    ROW("minute", "x", "minute, 0 to 59", 1, 1, check_part, P_MINUTE),
    ROW("weekday", "x", "day of the week, 1 = Monday to 7 = Sunday", 1, 1, check_part,
        P_WEEKDAY),
    ROW("date_trunc", "x, unit",
        "the beginning of x's 'year', 'month', 'week', 'day', 'hour', ...", 2, 2,
        check_trunc, 0),
    ROW("days_between", "from, to", "days from the first to the second", 2, 2,
        check_days_between, 0),
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};
