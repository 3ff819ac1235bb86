#include "data/expr_text.h"

#include "base/text.h"
#include "data/column_parts.h"

#include <stdio.h>
#include <string.h>

/* Functions of text. Text is UTF-8, positions count characters, patterns are PCRE2. A
   function of a category and constants runs once a level. */

static hana_status keep(hana_slice *out, hana_chunk *chunk, const char *bytes, size_t n,
                        hana_error *err)
{
    char *kept = hana_arena_take(&chunk->arena, n);
    if (!kept) return hana_fail_memory(err);
    if (n) memcpy(kept, bytes, n);
    *out = (hana_slice){ kept, n };
    return HANA_OK;
}

static int is_ascii(hana_slice s)
{
    for (size_t i = 0; i < s.length; i++)
        if ((unsigned char)s.data[i] >= 0x80) return 0;
    return 1;
}

enum { T_LOWER, T_UPPER, T_NORMALIZE };

static void ascii_case(char *to, hana_slice s, int upper)
{
    char first = upper ? 'a' : 'A', last = upper ? 'z' : 'Z';
    for (size_t k = 0; k < s.length; k++) {
        char c = s.data[k];
        to[k] = c >= first && c <= last ? (char)(c ^ 0x20) : c;
    }
}

static hana_status run_case(hana_vector *out, const hana_term *term,
                            const hana_vector *args, hana_chunk *chunk,
                            const uint8_t *active, hana_error *err)
{
    (void)active;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    hana_text made = { 0 };
    hana_status status = HANA_OK;
    out->at.s = to;
    for (size_t i = 0; i < chunk->n && status == HANA_OK; i++) {
        to[i] = x[i];
        if (out->valid && !out->valid[i]) continue;
        int ascii = is_ascii(x[i]);
        if (ascii && term->op == T_NORMALIZE) continue;
        if (ascii) {
            char *kept = hana_arena_take(&chunk->arena, x[i].length);
            if (!kept) {
                status = hana_fail_memory(err);
                break;
            }
            ascii_case(kept, x[i], term->op == T_UPPER);
            to[i].data = kept;
            continue;
        }
        made.length = 0;
        status = term->op == T_LOWER ? hana_utf8_lower(&made, x[i].data, x[i].length, err)
                 : term->op == T_UPPER
                     ? hana_utf8_upper(&made, x[i].data, x[i].length, err)
                     : hana_utf8_normalize(&made, x[i].data, x[i].length, err);
        if (status == HANA_OK) status = keep(&to[i], chunk, made.data, made.length, err);
    }
    hana_text_clear(&made);
    return status;
}

static hana_slice trimmed(hana_slice s)
{
    while (s.length) {
        size_t bytes = 1;
        int32_t c = hana_utf8_decode(s.data, s.length, &bytes);
        if (c < 0 || !hana_utf8_is_space(c)) break;
        s.data += bytes;
        s.length -= bytes;
    }
    while (s.length) {
        size_t at = s.length - 1, bytes = 1;
        while (at > 0 && ((unsigned char)s.data[at] & 0xC0) == 0x80) at--;
        int32_t c = hana_utf8_decode(s.data + at, s.length - at, &bytes);
        if (c < 0 || !hana_utf8_is_space(c)) break;
        s.length = at;
    }
    return s;
}

static hana_status run_trim(hana_vector *out, const hana_term *term,
                            const hana_vector *args, hana_chunk *chunk,
                            const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) to[i] = trimmed(args[0].at.s[i]);
    out->at.s = to;
    return HANA_OK;
}

static hana_status run_len(hana_vector *out, const hana_term *term,
                           const hana_vector *args, hana_chunk *chunk,
                           const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    int64_t *to = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    for (size_t i = 0; i < chunk->n; i++)
        to[i] = (int64_t)hana_utf8_length(x[i].data, x[i].length);
    out->at.i = to;
    return HANA_OK;
}

/* string.sub of Lua, in characters. */
static hana_slice sub(hana_slice s, int64_t from, int64_t to)
{
    int64_t n = from < 0 || to < 0 ? (int64_t)hana_utf8_length(s.data, s.length)
                                   : (int64_t)s.length;
    if (from < 0) from = from < -n ? 1 : n + from + 1;
    if (from == 0) from = 1;
    if (to < 0) to = to < -n ? 0 : n + to + 1;
    if (to > n) to = n;
    if (from > to) return (hana_slice){ "", 0 };
    size_t start = hana_utf8_offset(s.data, s.length, (size_t)(from - 1));
    size_t length =
        hana_utf8_offset(s.data + start, s.length - start, (size_t)(to - from + 1));
    return (hana_slice){ s.data + start, length };
}

static hana_status run_sub(hana_vector *out, const hana_term *term,
                           const hana_vector *args, hana_chunk *chunk,
                           const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++)
        to[i] = sub(args[0].at.s[i], args[1].at.i[i],
                    term->n_args > 2 ? args[2].at.i[i] : -1);
    out->at.s = to;
    return HANA_OK;
}

/* Byte offset of the first `what` at or after `at`; the length when there is none. */
static size_t find(hana_slice s, hana_slice what, size_t at)
{
    if (what.length == 0) return at;
    while (at + what.length <= s.length) {
        const char *hit =
            memchr(s.data + at, what.data[0], s.length - what.length - at + 1);
        if (!hit) break;
        at = (size_t)(hit - s.data);
        if (memcmp(hit, what.data, what.length) == 0) return at;
        at++;
    }
    return s.length;
}

enum { T_CONTAINS, T_STARTS, T_ENDS };

static hana_status run_find(hana_vector *out, const hana_term *term,
                            const hana_vector *args, hana_chunk *chunk,
                            const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    for (size_t i = 0; i < chunk->n; i++) {
        hana_slice s = args[0].at.s[i], what = args[1].at.s[i];
        int yes = what.length <= s.length;
        if (yes && what.length && term->op == T_CONTAINS)
            yes = find(s, what, 0) < s.length;
        else if (yes && what.length)
            yes = memcmp(term->op == T_STARTS ? s.data : s.data + s.length - what.length,
                         what.data, what.length) == 0;
        to[i] = (uint8_t)yes;
    }
    out->at.b = to;
    return HANA_OK;
}

static hana_status run_replace(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    (void)active;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    hana_text made = { 0 };
    hana_status status = HANA_OK;
    out->at.s = to;
    for (size_t i = 0; i < chunk->n && status == HANA_OK; i++) {
        hana_slice s = args[0].at.s[i], what = args[1].at.s[i], by = args[2].at.s[i];
        to[i] = s;
        if ((out->valid && !out->valid[i]) || what.length == 0) continue;
        size_t from = 0, at = find(s, what, 0);
        if (at == s.length) continue;
        made.length = 0;
        for (; at < s.length; at = find(s, what, from)) {
            hana_text_add(&made, s.data + from, at - from);
            hana_text_add(&made, by.data, by.length);
            from = at + what.length;
        }
        hana_text_add(&made, s.data + from, s.length - from);
        status = made.failed ? hana_fail_memory(err)
                             : keep(&to[i], chunk, made.data, made.length, err);
    }
    hana_text_clear(&made);
    return status;
}

/* Part k of the text between separators, from 1; from the end when k < 0; null when there
 * is none. */
static int part(hana_slice *out, hana_slice s, hana_slice by, int64_t k)
{
    if (by.length == 0 || k == 0) {
        *out = s;
        return k == 1 || k == -1;
    }
    if (k < 0) {
        int64_t parts = 1;
        for (size_t at = 0; (at = find(s, by, at)) < s.length; at += by.length) parts++;
        k += parts + 1;
        if (k < 1) return 0;
    }
    size_t from = 0;
    for (; k > 1; k--) {
        size_t at = find(s, by, from);
        if (at == s.length) return 0;
        from = at + by.length;
    }
    *out = (hana_slice){ s.data + from, find(s, by, from) - from };
    return 1;
}

static uint8_t *own_valid(hana_vector *out, const hana_term *term,
                          const hana_chunk *chunk)
{
    uint8_t *valid = hana_chunk_valid(chunk, term->reg);
    if (!out->valid) memset(valid, 1, chunk->n);
    out->valid = valid;
    return valid;
}

static hana_status run_split_part(hana_vector *out, const hana_term *term,
                                  const hana_vector *args, hana_chunk *chunk,
                                  const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    uint8_t *valid = own_valid(out, term, chunk);
    out->at.s = to;
    for (size_t i = 0; i < chunk->n; i++) {
        to[i] = (hana_slice){ "", 0 };
        if (valid[i])
            valid[i] =
                (uint8_t)part(&to[i], args[0].at.s[i], args[1].at.s[i], args[2].at.i[i]);
    }
    return HANA_OK;
}

static void pattern_free(void *state)
{
    hana_pattern_free(state);
}

static hana_status fail_match(const hana_term *term, const hana_chunk *chunk, size_t i,
                              hana_status status, hana_error *err)
{
    char where[HANA_WHERE_SIZE], old[160];
    if (!err || status == HANA_OUT_OF_MEMORY) return status;
    snprintf(old, sizeof old, "%.150s", err->message);
    return hana_term_fail(chunk->program, term, err, status, "%s%s", old,
                          hana_chunk_where(where, term, chunk, i));
}

static hana_status run_matches(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    out->at.b = to;
    for (size_t i = 0; i < chunk->n; i++) {
        size_t offsets[2];
        int found = 0;
        to[i] = 0;
        if (!hana_vector_has(out, active, i)) continue;
        hana_status status = hana_pattern_match(term->state, x[i].data, x[i].length, 0,
                                                offsets, 1, &found, err);
        if (status != HANA_OK) return fail_match(term, chunk, i, status, err);
        to[i] = (uint8_t)found;
    }
    return HANA_OK;
}

static hana_status run_extract(hana_vector *out, const hana_term *term,
                               const hana_vector *args, hana_chunk *chunk,
                               const uint8_t *active, hana_error *err)
{
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    const hana_slice *x = args[0].at.s;
    uint8_t *valid = own_valid(out, term, chunk);
    size_t group = (size_t)term->number;
    size_t *offsets = hana_alloc(2 * (group + 1), sizeof *offsets);
    if (!offsets) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    out->at.s = to;
    for (size_t i = 0; i < chunk->n && status == HANA_OK; i++) {
        int found = 0;
        to[i] = (hana_slice){ "", 0 };
        if (!hana_vector_has(out, active, i)) continue;
        status = hana_pattern_match(term->state, x[i].data, x[i].length, 0, offsets,
                                    group + 1, &found, err);
        if (status != HANA_OK) status = fail_match(term, chunk, i, status, err);
        valid[i] = found && offsets[2 * group] != (size_t)-1;
        if (!valid[i]) continue;
        size_t from = offsets[2 * group], end = offsets[2 * group + 1];
        to[i] = (hana_slice){ x[i].data + from, end > from ? end - from : 0 };
    }
    hana_free(offsets);
    return status;
}

static hana_status run_concat(hana_vector *out, const hana_term *term,
                              const hana_vector *args, hana_chunk *chunk,
                              const uint8_t *active, hana_error *err)
{
    (void)active;
    hana_slice *to = hana_chunk_data(chunk, term->reg);
    out->at.s = to;
    for (size_t i = 0; i < chunk->n; i++) {
        hana_slice a = args[0].at.s[i], b = args[1].at.s[i];
        to[i] = (hana_slice){ "", 0 };
        if (out->valid && !out->valid[i]) continue;
        char *kept = hana_arena_take(&chunk->arena, a.length + b.length);
        if (!kept) return hana_fail_memory(err);
        if (a.length) memcpy(kept, a.data, a.length);
        if (b.length) memcpy(kept + a.length, b.data, b.length);
        to[i] = (hana_slice){ kept, a.length + b.length };
    }
    return HANA_OK;
}

/* Checking. */

/* The cells of a category's answers, one a level, gathered by code. */
static hana_status run_by_level(hana_vector *out, const hana_term *term,
                                const hana_vector *args, hana_chunk *chunk,
                                const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    void *data = hana_chunk_data(chunk, term->reg);
    const hana_column *answers = term->column;
    const int32_t *codes = args[0].at.c;
    const uint8_t *validity = hana_column_validity(answers);
    out->at.any = data;
    for (size_t i = 0; i < chunk->n; i++) {
        int here = !out->valid || out->valid[i];
        size_t k = here ? (size_t)codes[i] : 0;
        if (term->type == HANA_INT)
            ((int64_t *)data)[i] = here ? hana_column_ints(answers)[k] : 0;
        else if (term->type == HANA_BOOL)
            ((uint8_t *)data)[i] = here && hana_bit(hana_column_bits(answers), k);
        else {
            hana_slice s = { "", 0 };
            if (here) s.data = hana_column_string(answers, k, &s.length);
            ((hana_slice *)data)[i] = s;
        }
    }
    if (!validity) return HANA_OK;
    uint8_t *valid = own_valid(out, term, chunk);
    for (size_t i = 0; i < chunk->n; i++)
        if (valid[i]) valid[i] = (uint8_t)hana_bit(validity, (size_t)codes[i]);
    return HANA_OK;
}

/* A term over args; args[0] is text. Takes the state over, also on failure. */
static hana_status text_term(hana_term **out, hana_program *program, hana_type type,
                             hana_kernel *run, int op, hana_term *const *args,
                             size_t n_args, int64_t number, void *state,
                             void (*state_free)(void *), size_t from, size_t to,
                             hana_error *err)
{
    hana_term *term;
    hana_status status =
        hana_term_apply(&term, program, type, run, args, n_args, from, to, err);
    if (status != HANA_OK) {
        if (state_free) state_free(state);
        return status;
    }
    term->op = op;
    term->number = number;
    term->state = state;
    term->state_free = state_free;
    *out = term;
    return HANA_OK;
}

/* What a function of a category and constants gives for its levels; *out stays when it
   must run by rows. */
static hana_status by_level(hana_term **out, hana_program *program, hana_term *term,
                            hana_term *category, hana_error *err)
{
    for (size_t k = 1; k < term->n_args; k++)
        if (term->args[k]->kind != HANA_TERM_CONSTANT || term->args[k]->is_null)
            return HANA_OK;
    const hana_column *levels = category->levels;
    if (!levels || hana_column_length(levels) > program->rows) return HANA_OK;
    hana_program small = { .text = program->text,
                           .length = program->length,
                           .job = program->job,
                           .rows = hana_column_length(levels),
                           .groups = 1 };
    hana_term *leaf, *whole_text = term->args[0];
    hana_column *answers = NULL;
    hana_status status = hana_term_column(&leaf, &small, levels, HANA_LEVEL_ROW,
                                          term->from, term->to, err);
    if (status == HANA_OK) {
        term->args[0] = leaf;
        status = hana_program_column(&answers, &small, term, 0, NULL);
        term->args[0] = whole_text;
    }
    hana_program_clear(&small);
    /* A level that fails may stand in no row. */
    if (status != HANA_OK && status != HANA_OUT_OF_MEMORY) return HANA_OK;
    if (status != HANA_OK) return hana_fail_memory(err);
    hana_term *gathered;
    status = hana_term_apply(&gathered, program, term->type, run_by_level, &category, 1,
                             term->from, term->to, err);
    if (status != HANA_OK) {
        hana_column_release(answers);
        return status;
    }
    gathered->column = answers;
    *out = gathered;
    return HANA_OK;
}

static hana_status finish(hana_term **out, hana_program *program, hana_type type,
                          hana_kernel *run, int op, hana_term **args, size_t n_args,
                          int64_t number, void *state, void (*state_free)(void *),
                          int fallible, size_t from, size_t to, const char *name,
                          hana_error *err)
{
    hana_term *category =
        args[0]->type == HANA_CATEGORY && !args[0]->untyped ? args[0] : NULL;
    hana_status status = hana_want_text(program, &args[0], name, err);
    if (status != HANA_OK) {
        if (state_free) state_free(state);
        return status;
    }
    HANA_TRY(text_term(out, program, type, run, op, args, n_args, number, state,
                       state_free, from, to, err));
    (*out)->fallible |= fallible;
    return category ? by_level(out, program, *out, category, err) : HANA_OK;
}

static hana_status check_unary(hana_term **out, hana_call *call, hana_error *err)
{
    int op = call->function->op;
    return finish(out, call->program, HANA_STRING, op < 0 ? run_trim : run_case, op,
                  call->args, 1, 0, NULL, NULL, 0, call->from, call->to,
                  call->function->info.name, err);
}

hana_status hana_check_len(hana_term **out, hana_program *program, hana_term *arg,
                           size_t from, size_t to, hana_error *err)
{
    return finish(out, program, HANA_INT, run_len, 0, &arg, 1, 0, NULL, NULL, 0, from, to,
                  "len", err);
}

static hana_status check_len(hana_term **out, hana_call *call, hana_error *err)
{
    return hana_check_len(out, call->program, call->args[0], call->from, call->to, err);
}

static hana_status want_int(hana_call *call, hana_term **arg, const char *what,
                            hana_error *err)
{
    if (!(*arg)->untyped && (*arg)->type != HANA_INT)
        return hana_term_fail(call->program, *arg, err, HANA_BAD_TYPE,
                              "%s is an int, this is %s", what, hana_term_describe(*arg));
    return hana_term_convert(arg, call->program, HANA_INT, err);
}

static hana_status check_sub(hana_term **out, hana_call *call, hana_error *err)
{
    for (size_t k = 1; k < call->n_args; k++)
        HANA_TRY(want_int(call, &call->args[k], "a position", err));
    return finish(out, call->program, HANA_STRING, run_sub, 0, call->args, call->n_args,
                  0, NULL, NULL, 0, call->from, call->to, "sub", err);
}

static hana_status check_find(hana_term **out, hana_call *call, hana_error *err)
{
    const char *name = call->function->info.name;
    HANA_TRY(hana_want_text(call->program, &call->args[1], name, err));
    return finish(out, call->program, HANA_BOOL, run_find, call->function->op, call->args,
                  2, 0, NULL, NULL, 0, call->from, call->to, name, err);
}

static hana_status check_replace(hana_term **out, hana_call *call, hana_error *err)
{
    for (size_t k = 1; k < 3; k++)
        HANA_TRY(hana_want_text(call->program, &call->args[k], "replace", err));
    return finish(out, call->program, HANA_STRING, run_replace, 0, call->args, 3, 0, NULL,
                  NULL, 0, call->from, call->to, "replace", err);
}

static hana_status check_split_part(hana_term **out, hana_call *call, hana_error *err)
{
    HANA_TRY(hana_want_text(call->program, &call->args[1], "split_part", err));
    HANA_TRY(want_int(call, &call->args[2], "the number of a part", err));
    return finish(out, call->program, HANA_STRING, run_split_part, 0, call->args, 3, 0,
                  NULL, NULL, 0, call->from, call->to, "split_part", err);
}

static hana_status want_pattern(hana_pattern **out, hana_call *call, hana_error *err)
{
    const hana_term *given = call->args[1];
    if (given->kind != HANA_TERM_CONSTANT || given->type != HANA_STRING || given->untyped)
        return hana_term_fail(call->program, given, err, HANA_BAD_TYPE,
                              "a pattern is a text written out");
    hana_status status =
        hana_pattern_new(out, given->constant.s.data, given->constant.s.length, err);
    if (status == HANA_OK || status == HANA_OUT_OF_MEMORY || !err) return status;
    char old[300];
    snprintf(old, sizeof old, "%.290s", err->message);
    return hana_term_fail(call->program, given, err, status, "%s", old);
}

static hana_status check_matches(hana_term **out, hana_call *call, hana_error *err)
{
    hana_pattern *pattern;
    HANA_TRY(want_pattern(&pattern, call, err));
    return finish(out, call->program, HANA_BOOL, run_matches, 0, call->args, 1, 0,
                  pattern, pattern_free, 1, call->from, call->to, "matches", err);
}

static hana_status check_extract(hana_term **out, hana_call *call, hana_error *err)
{
    hana_pattern *pattern;
    int64_t group = -1;
    if (call->n_args > 2)
        HANA_TRY(hana_want_whole(&group, call->program, call->args[2],
                                 "the number of a group", err));
    HANA_TRY(want_pattern(&pattern, call, err));
    int groups = hana_pattern_groups(pattern);
    if (call->n_args == 2) group = groups > 0;
    if (group < 0 || group > groups) {
        hana_pattern_free(pattern);
        return hana_term_fail(call->program, call->args[2], err, HANA_BAD_ARGUMENT,
                              "the pattern has %d group%s; 0 is the whole match", groups,
                              groups == 1 ? "" : "s");
    }
    return finish(out, call->program, HANA_STRING, run_extract, 0, call->args, 1, group,
                  pattern, pattern_free, 1, call->from, call->to, "extract", err);
}

hana_status hana_check_concat(hana_term **out, hana_program *program,
                              hana_term *const *args, size_t from, size_t to,
                              hana_error *err)
{
    hana_term *pair[2] = { args[0], args[1] };
    for (int k = 0; k < 2; k++) {
        if (!hana_term_is_text(pair[k]) && !hana_term_is_number(pair[k]))
            return hana_term_fail(
                program, pair[k], err, HANA_BAD_TYPE,
                "'..' joins texts and numbers, this is %s; string(...) makes "
                "text of it",
                hana_term_describe(pair[k]));
        HANA_TRY(hana_term_to_string(&pair[k], program, pair[k], err));
    }
    return hana_term_apply(out, program, HANA_STRING, run_concat, pair, 2, from, to, err);
}

#define ROW(name, arguments, help, min, max, check, op)                                  \
    {                                                                                    \
        { name, arguments, help }, min, max, HANA_FUNCTION_ROW, check, op, 0             \
    }

const hana_function hana_functions_text[] = {
    ROW("lower", "x", "in lower case", 1, 1, check_unary, T_LOWER),
    ROW("upper", "x", "in upper case", 1, 1, check_unary, T_UPPER),
    ROW("trim", "x", "without blanks at the ends", 1, 1, check_unary, -1),
    ROW("normalize", "x", "composed (NFC), full-width forms as half-width ones", 1, 1,
        check_unary, T_NORMALIZE),
    ROW("len", "x", "number of characters", 1, 1, check_len, 0),
    ROW("sub", "x, from [, to]",
        "characters from .. to, counted from the end when negative", 2, 3, check_sub, 0),
    ROW("replace", "x, what, by", "every occurrence of a text replaced", 3, 3,
        check_replace, 0),
    ROW("contains", "x, what", "whether the text stands in x", 2, 2, check_find,
        T_CONTAINS),
    ROW("starts_with", "x, what", "whether x begins with the text", 2, 2, check_find,
        T_STARTS),
    ROW("ends_with", "x, what", "whether x ends with the text", 2, 2, check_find, T_ENDS),
    ROW("matches", "x, pattern", "whether the pattern (PCRE2) is found in x", 2, 2,
        check_matches, 0),
    ROW("extract", "x, pattern [, group]",
        "what the pattern's group (the first, or the whole) found, null where nothing", 2,
        3, check_extract, 0),
    ROW("split_part", "x, by, k",
        "part k between the separators, from the end when negative", 3, 3,
        check_split_part, 0),
    { { NULL, NULL, NULL }, 0, 0, HANA_FUNCTION_ROW, NULL, 0, 0 },
};
