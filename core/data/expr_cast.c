#include "data/column_parts.h"
#include "data/expr_text.h"

#include "base/text.h"
#include "base/time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* int, float, string, category, bool: what cannot be converted is an error that names the
 * row. */

static hana_status float_to_int(hana_vector *out, const hana_term *term,
                                const hana_vector *args, hana_chunk *chunk,
                                const uint8_t *active, hana_error *err)
{
    int64_t *to = hana_chunk_data(chunk, term->reg);
    const double *x = args[0].at.f;
    out->at.i = to;
    for (size_t i = 0; i < chunk->n; i++) {
        double whole = trunc(x[i]);
        if (whole >= -0x1p63 && whole < 0x1p63) {
            to[i] = (int64_t)whole;
            continue;
        }
        to[i] = 0;
        if (!hana_vector_has(out, active, i)) continue;
        char where[HANA_WHERE_SIZE], number[HANA_NUMBER_SIZE];
        hana_print_double(number, x[i], 0);
        return hana_term_fail(chunk->program, term->args[0], err, HANA_BAD_DATA,
                              "%s is no int%s", number,
                              hana_chunk_where(where, term, chunk, i));
    }
    return HANA_OK;
}

static hana_status bool_to_int(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    int64_t *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].at.b[i];
    out->at.i = to;
    return HANA_OK;
}

static hana_status bool_to_float(hana_vector *out, const hana_term *term,
                                 const hana_vector *args, hana_chunk *chunk,
                                 const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    double *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].at.b[i];
    out->at.f = to;
    return HANA_OK;
}

static hana_status number_to_bool(hana_vector *out, const hana_term *term,
                                  const hana_vector *args, hana_chunk *chunk,
                                  const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    if (term->args[0]->type == HANA_INT)
        for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].at.i[i] != 0;
    else
        for (size_t i = 0; i < chunk->n; i++) to[i] = args[0].at.f[i] != 0;
    out->at.b = to;
    return HANA_OK;
}

static hana_status fail_text(const hana_term *term, const hana_chunk *chunk,
                             hana_slice text, size_t i, const char *kind, hana_error *err)
{
    char where[HANA_WHERE_SIZE];
    return hana_term_fail(chunk->program, term->args[0], err, HANA_BAD_DATA,
                          "'%.*s' is no %s%s", (int)(text.length < 80 ? text.length : 80),
                          text.data, kind, hana_chunk_where(where, term, chunk, i));
}

static hana_status text_to_int(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    int64_t *to = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    out->at.i = to;
    for (size_t i = 0; i < chunk->n; i++) {
        to[i] = 0;
        if (!hana_vector_has(out, active, i)) continue;
        if (!hana_parse_int(x[i].data, x[i].length, &to[i]))
            return fail_text(term, chunk, x[i], i, "int", err);
    }
    return HANA_OK;
}

static hana_status text_to_float(hana_vector *out, const hana_term *term,
                                 const hana_vector *args, hana_chunk *chunk,
                                 const uint8_t *active, hana_error *err)
{
    double *to = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    out->at.f = to;
    for (size_t i = 0; i < chunk->n; i++) {
        to[i] = 0;
        if (!hana_vector_has(out, active, i)) continue;
        if (!hana_parse_double(x[i].data, x[i].length, &to[i]))
            return fail_text(term, chunk, x[i], i, "number", err);
    }
    return HANA_OK;
}

static int is_word(hana_slice s, const char *word)
{
    return s.length == strlen(word) && memcmp(s.data, word, s.length) == 0;
}

static hana_status text_to_bool(hana_vector *out, const hana_term *term,
                                const hana_vector *args, hana_chunk *chunk,
                                const uint8_t *active, hana_error *err)
{
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    out->at.b = to;
    for (size_t i = 0; i < chunk->n; i++) {
        to[i] = 0;
        if (!hana_vector_has(out, active, i)) continue;
        int yes = is_word(x[i], "true") || is_word(x[i], "TRUE") || is_word(x[i], "True");
        int no =
            is_word(x[i], "false") || is_word(x[i], "FALSE") || is_word(x[i], "False");
        if (!yes && !no)
            return fail_text(term, chunk, x[i], i, "bool (true or false)", err);
        to[i] = (uint8_t)yes;
    }
    return HANA_OK;
}

/* Decimal digits from the end of a buffer of 24 bytes; gives where they begin. */
static char *print_int(char *end, int64_t value)
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do *--end = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) *--end = '-';
    return end;
}

static hana_status to_string(hana_vector *out, const hana_term *term,
                             const hana_vector *args, hana_chunk *chunk,
                             const uint8_t *active, hana_error *err)
{
    (void)active;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    const hana_zone *zone = term->state;
    out->at.s = to;
    for (size_t i = 0; i < chunk->n; i++) {
        char text[64];
        int n = 0;
        to[i] = (hana_slice){ "", 0 };
        if (out->valid && !out->valid[i]) continue;
        switch (term->args[0]->type) {
        case HANA_FLOAT:
            n = hana_print_double(text, args[0].at.f[i], 1);
            break;
        case HANA_INT: {
            char digits[24], *first = print_int(digits + sizeof digits, args[0].at.i[i]);
            n = (int)(digits + sizeof digits - first);
            memcpy(text, first, (size_t)n);
            break;
        }
        case HANA_DATE:
            n = hana_print_date(text, args[0].at.c[i]);
            break;
        case HANA_DATETIME:
            n = hana_print_datetime(text, args[0].at.i[i], zone);
            break;
        default:
            n = snprintf(text, sizeof text, "%s", args[0].at.b[i] ? "true" : "false");
            break;
        }
        char *kept = hana_arena_take(&chunk->arena, (size_t)n);
        if (!kept) return hana_fail_memory(err);
        memcpy(kept, text, (size_t)n);
        to[i] = (hana_slice){ kept, (size_t)n };
    }
    return HANA_OK;
}

static void zone_state_free(void *state)
{
    (void)state; /* zones are kept for the process */
}

hana_status hana_term_to_string(hana_term **out, hana_program *program, hana_term *arg,
                                hana_error *err)
{
    if (hana_term_is_text(arg)) {
        *out = arg;
        return hana_term_convert(out, program, HANA_STRING, err);
    }
    hana_term *term;
    HANA_TRY(hana_term_apply(&term, program, HANA_STRING, to_string, &arg, 1, arg->from,
                             arg->to, err));
    if (arg->type == HANA_DATETIME) {
        const hana_zone *zone;
        HANA_TRY(hana_zone_get(&zone, arg->zone, err));
        union {
            const hana_zone *fixed;
            void *open;
        } access = { .fixed = zone };
        term->state = access.open;
        term->state_free = zone_state_free;
    }
    *out = term;
    return HANA_OK;
}

static hana_status cast(hana_term **out, hana_call *call, hana_term *arg, hana_type type,
                        hana_kernel *run, int fallible, hana_error *err)
{
    HANA_TRY(hana_term_apply(out, call->program, type, run, &arg, 1, call->from, call->to,
                             err));
    (*out)->fallible |= fallible;
    return HANA_OK;
}

static hana_status refuse(const hana_call *call, const hana_term *arg, hana_error *err)
{
    const char *hint =
        arg->type == HANA_DATE || arg->type == HANA_DATETIME
            ? "; year(...), days_between(...) and format(...) take times apart"
            : "";
    return hana_term_fail(call->program, arg, err, HANA_BAD_TYPE,
                          "%s cannot be made of %s%s", call->function->info.name,
                          hana_term_describe(arg), hint);
}

hana_status hana_term_count_true(hana_term **term, hana_program *program, hana_error *err)
{
    hana_term *arg = *term;
    if (arg->untyped || arg->type != HANA_BOOL) return HANA_OK;
    return hana_term_apply(term, program, HANA_INT, bool_to_int, &arg, 1, arg->from,
                           arg->to, err);
}

static hana_status check_int(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    if (arg->untyped || arg->type == HANA_INT) {
        *out = arg;
        return hana_term_convert(out, call->program, HANA_INT, err);
    }
    if (arg->type == HANA_FLOAT)
        return cast(out, call, arg, HANA_INT, float_to_int, 1, err);
    if (arg->type == HANA_BOOL)
        return cast(out, call, arg, HANA_INT, bool_to_int, 0, err);
    if (!hana_term_is_text(arg)) return refuse(call, arg, err);
    HANA_TRY(hana_term_convert(&arg, call->program, HANA_STRING, err));
    return cast(out, call, arg, HANA_INT, text_to_int, 1, err);
}

static hana_status check_float(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    if (hana_term_is_number(arg)) {
        *out = arg;
        return hana_term_convert(out, call->program, HANA_FLOAT, err);
    }
    if (arg->type == HANA_BOOL)
        return cast(out, call, arg, HANA_FLOAT, bool_to_float, 0, err);
    if (!hana_term_is_text(arg)) return refuse(call, arg, err);
    HANA_TRY(hana_term_convert(&arg, call->program, HANA_STRING, err));
    return cast(out, call, arg, HANA_FLOAT, text_to_float, 1, err);
}

static hana_status check_bool(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    if (arg->untyped || arg->type == HANA_BOOL) {
        *out = arg;
        return hana_term_convert(out, call->program, HANA_BOOL, err);
    }
    if (hana_term_is_number(arg))
        return cast(out, call, arg, HANA_BOOL, number_to_bool, 0, err);
    if (!hana_term_is_text(arg)) return refuse(call, arg, err);
    HANA_TRY(hana_term_convert(&arg, call->program, HANA_STRING, err));
    return cast(out, call, arg, HANA_BOOL, text_to_bool, 1, err);
}

static hana_status check_string(hana_term **out, hana_call *call, hana_error *err)
{
    return hana_term_to_string(out, call->program, call->args[0], err);
}

/* Levels must be known before the first row is written: a whole column is made. */
static hana_status run_category(hana_column **out, const hana_term *term,
                                const hana_column *const *args,
                                const hana_program *program, hana_error *err)
{
    (void)term;
    (void)program;
    return hana_column_to_category(out, args[0], 1, err);
}

static hana_status check_category(hana_term **out, hana_call *call, hana_error *err)
{
    hana_term *arg = call->args[0];
    if (!arg->untyped && arg->type == HANA_CATEGORY) {
        *out = arg;
        return HANA_OK;
    }
    HANA_TRY(hana_term_to_string(&arg, call->program, arg, err));
    HANA_TRY(hana_term_apply(out, call->program, HANA_CATEGORY, NULL, &arg, 1, call->from,
                             call->to, err));
    (*out)->kind = HANA_TERM_WINDOW;
    (*out)->level = HANA_LEVEL_ROW;
    (*out)->whole = run_category;
    return HANA_OK;
}

#define ROW(name, help, check)                                                           \
    {                                                                                    \
        { name, "x", help }, 1, 1, HANA_FUNCTION_ROW, check, 0, 0                        \
    }

const hana_function hana_functions_cast[] = {
    ROW("int", "as an int: fractions are dropped, true is 1, text is read", check_int),
    ROW("float", "as a float: true is 1, text is read", check_float),
    ROW("bool", "as a bool: numbers other than 0, texts 'true' and 'false'", check_bool),
    ROW("string", "as text, numbers and times in full", check_string),
    ROW("category", "as a category, levels in byte order", check_category),
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};
