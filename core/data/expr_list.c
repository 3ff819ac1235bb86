#include "base/random.h"
#include "data/column_parts.h"
#include "data/expr_term.h"

#include "base/sorted.h"
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Functions with a list: is_in and cut. */

/* The list as sorted numbers or texts. Int columns keep an int list exact. */
typedef struct members {
    double *numbers;
    int64_t *ints;
    hana_slice *texts;
    size_t n;
    size_t *slots; /* texts: hash table of 1 + index */
    size_t mask;
} members;

static void members_free(void *state)
{
    members *m = state;
    if (!m) return;
    hana_free(m->numbers);
    hana_free(m->ints);
    hana_free(m->texts);
    hana_free(m->slots);
    hana_free(m);
}

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int by_int(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int has_text(const members *m, hana_slice x)
{
    size_t at = hana_hash(x.data, x.length, 1) & m->mask;
    for (; m->slots[at]; at = (at + 1) & m->mask)
        if (hana_slice_order(m->texts[m->slots[at] - 1], x) == 0) return 1;
    return 0;
}

static hana_status run_is_in(hana_vector *out, const hana_term *term,
                             const hana_vector *args, hana_chunk *chunk,
                             const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    uint8_t *to = hana_chunk_data(chunk, term->reg);
    const members *m = term->state;
    const hana_vector *x = &args[0];
    size_t n = chunk->n;
    out->at.b = to;
    switch (term->args[0]->type) {
    case HANA_FLOAT:
        for (size_t i = 0; i < n; i++)
            to[i] = hana_sorted_find(m->numbers, m->n, x->at.f[i]) >= 0;
        break;
    case HANA_INT:
    case HANA_DATETIME:
        for (size_t i = 0; i < n; i++)
            to[i] = hana_sorted_find_int(m->ints, m->n, x->at.i[i]) >= 0;
        break;
    case HANA_DATE:
        for (size_t i = 0; i < n; i++)
            to[i] = hana_sorted_find_int(m->ints, m->n, x->at.c[i]) >= 0;
        break;
    case HANA_BOOL:
        for (size_t i = 0; i < n; i++)
            to[i] = hana_sorted_find_int(m->ints, m->n, x->at.b[i]) >= 0;
        break;
    default:
        for (size_t i = 0; i < n; i++) to[i] = (uint8_t)has_text(m, x->at.s[i]);
        break;
    }
    return HANA_OK;
}

static hana_status fail_item(const hana_program *program, const hana_expr_node *item,
                             const hana_term *x, hana_error *err)
{
    if (item->value.kind == HANA_VALUE_NULL)
        return hana_expr_fail(program->text, program->length, item->from, item->to, err,
                              HANA_BAD_TYPE,
                              "nil in a list matches nothing; use is_null(x)");
    return hana_expr_fail(program->text, program->length, item->from, item->to, err,
                          HANA_BAD_TYPE, "this list is searched for %s, the value is %s",
                          hana_term_describe(x), hana_value_kind_name(&item->value));
}

/* Values that an int column cannot hold are left out: they match nothing. */
static hana_status add_item(members *m, hana_program *program, const hana_term *x,
                            const hana_expr_node *item, hana_error *err)
{
    const hana_value *v = &item->value;
    double number;
    int64_t integer;
    switch (x->type) {
    case HANA_FLOAT:
        if (!hana_value_as_number(v, &number)) break;
        if (!isnan(number)) m->numbers[m->n++] = number;
        return HANA_OK;
    case HANA_INT:
        if (!hana_value_as_number(v, &number)) break;
        if (hana_value_as_int(v, &integer)) m->ints[m->n++] = integer;
        return HANA_OK;
    case HANA_BOOL:
        if (v->kind != HANA_VALUE_BOOL) break;
        m->ints[m->n++] = v->as.boolean != 0;
        return HANA_OK;
    case HANA_DATE:
    case HANA_DATETIME: {
        if (v->kind != HANA_VALUE_STRING) break;
        hana_term *time;
        HANA_TRY(hana_term_new(&time, program, HANA_TERM_CONSTANT, HANA_STRING,
                               item->from, item->to, err));
        time->constant.s = (hana_slice){ v->as.string.data, v->as.string.length };
        HANA_TRY(hana_term_to_time(&time, program, x->type, x->zone, err));
        m->ints[m->n++] = time->constant.i;
        return HANA_OK;
    }
    default:
        if (v->kind != HANA_VALUE_STRING) break;
        m->texts[m->n++] = (hana_slice){ v->as.string.data, v->as.string.length };
        return HANA_OK;
    }
    return fail_item(program, item, x, err);
}

static hana_status index_texts(members *m, hana_error *err)
{
    size_t capacity = 16;
    while (capacity < 2 * m->n) capacity *= 2;
    m->slots = hana_alloc_zero(capacity, sizeof *m->slots);
    if (!m->slots) return hana_fail_memory(err);
    m->mask = capacity - 1;
    for (size_t k = 0; k < m->n; k++) {
        size_t at = hana_hash(m->texts[k].data, m->texts[k].length, 1) & m->mask;
        while (m->slots[at]) at = (at + 1) & m->mask;
        m->slots[at] = k + 1;
    }
    return HANA_OK;
}

static hana_status fill_members(members *m, hana_program *program, const hana_term *x,
                                const hana_expr_node *list, hana_error *err)
{
    size_t n = list->n_args;
    m->numbers = hana_alloc(n, sizeof *m->numbers);
    m->ints = hana_alloc(n, sizeof *m->ints);
    m->texts = hana_alloc(n, sizeof *m->texts);
    if (!m->numbers || !m->ints || !m->texts) return hana_fail_memory(err);
    for (size_t k = 0; k < n; k++) HANA_TRY(add_item(m, program, x, list->args[k], err));
    if (x->type == HANA_STRING || x->type == HANA_CATEGORY) return index_texts(m, err);
    if (x->type == HANA_FLOAT)
        qsort(m->numbers, m->n, sizeof *m->numbers, by_number);
    else
        qsort(m->ints, m->n, sizeof *m->ints, by_int);
    return HANA_OK;
}

static hana_status by_level(hana_term **out, hana_call *call, const members *m,
                            hana_error *err)
{
    hana_term *x = call->args[0];
    size_t n = x->levels ? hana_column_length(x->levels) : 0;
    HANA_TRY(hana_term_apply(out, call->program, HANA_BOOL, hana_kernel_levels, &x, 1,
                             call->from, call->to, err));
    uint8_t *table = hana_alloc_zero(n + 1, 1);
    if (!table) return hana_fail_memory(err);
    (*out)->state = table;
    (*out)->state_free = hana_free;
    for (size_t k = 0; k < n; k++) {
        hana_slice level;
        level.data = hana_column_string(x->levels, k, &level.length);
        table[k] = (uint8_t)has_text(m, level);
    }
    return HANA_OK;
}

hana_status hana_check_is_in(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    hana_term *x = call->args[0];
    const hana_term *list = call->args[1];
    if (x->type == HANA_CATEGORY && !x->untyped && !x->levels)
        HANA_TRY(hana_term_convert(&x, program, HANA_STRING, err));
    if (!list->list)
        return hana_term_fail(program, list, err, HANA_BAD_TYPE,
                              "is_in takes a list of literals: is_in(x, { 1, 2 })");
    if (x->untyped)
        return hana_term_fail(program, x, err, HANA_BAD_TYPE,
                              "nil is in no list; use is_null(x)");
    members *m = hana_alloc_zero(1, sizeof *m);
    if (!m) return hana_fail_memory(err);
    hana_status status = fill_members(m, program, x, list->list, err);
    if (status == HANA_OK && x->type == HANA_CATEGORY) {
        status = by_level(out, call, m, err);
        members_free(m);
        return status;
    }
    if (status == HANA_OK)
        status = hana_term_apply(out, program, HANA_BOOL, run_is_in, &x, 1, call->from,
                                 call->to, err);
    if (status != HANA_OK) {
        members_free(m);
        return status;
    }
    (*out)->state = m;
    (*out)->state_free = members_free;
    return HANA_OK;
}

/* cut(x, breaks): the intervals (a, b], as in R and pandas. */
typedef struct breaks {
    size_t n;
    double at[];
} breaks;

static hana_status run_cut(hana_vector *out, const hana_term *term,
                           const hana_vector *args, hana_chunk *chunk,
                           const uint8_t *active, hana_error *err)
{
    (void)active;
    (void)err;
    int32_t *to = hana_chunk_data(chunk, term->reg);
    uint8_t *valid = hana_chunk_valid(chunk, term->reg);
    const breaks *b = term->state;
    for (size_t i = 0; i < chunk->n; i++) {
        double x = args[0].at.f[i];
        size_t low = 0, high = b->n;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (b->at[middle] < x)
                low = middle + 1;
            else
                high = middle;
        }
        int inside = x > b->at[0] && low < b->n;
        to[i] = inside ? (int32_t)low - 1 : 0;
        valid[i] = (uint8_t)inside & (args[0].valid ? args[0].valid[i] : 1);
    }
    out->at.c = to;
    out->valid = valid;
    return HANA_OK;
}

static hana_status interval_labels(hana_column **out, const breaks *b, hana_error *err)
{
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, HANA_STRING, b->n, err));
    hana_status status = HANA_OK;
    for (size_t k = 0; k + 1 < b->n && status == HANA_OK; k++) {
        char low[HANA_NUMBER_SIZE], high[HANA_NUMBER_SIZE];
        hana_text label = { 0 };
        hana_print_double(low, b->at[k], 0);
        hana_print_double(high, b->at[k + 1], 0);
        hana_text_printf(&label, "(%s, %s]", low, high);
        status = label.failed
                     ? hana_fail_memory(err)
                     : hana_builder_string(builder, label.data, label.length, err);
        hana_text_clear(&label);
    }
    if (status == HANA_OK) status = hana_builder_take(out, builder, err);
    hana_builder_free(builder);
    return status;
}

static hana_status given_labels(hana_column **out, hana_program *program,
                                const hana_expr_node *list, size_t n, hana_error *err)
{
    if (list->n_args != n)
        return hana_expr_fail(program->text, program->length, list->from, list->to, err,
                              HANA_BAD_SHAPE,
                              "%zu breaks make %zu intervals, there are %zu labels",
                              n + 1, n, list->n_args);
    hana_builder *builder;
    HANA_TRY(hana_builder_new(&builder, HANA_STRING, n, err));
    hana_status status = HANA_OK;
    for (size_t k = 0; k < n && status == HANA_OK; k++) {
        const hana_value *v = &list->args[k]->value;
        int again = 0;
        for (size_t j = 0; j < k && v->kind == HANA_VALUE_STRING; j++) {
            const hana_value *w = &list->args[j]->value;
            again |=
                w->as.string.length == v->as.string.length &&
                memcmp(w->as.string.data, v->as.string.data, v->as.string.length) == 0;
        }
        if (v->kind != HANA_VALUE_STRING || again)
            status =
                hana_expr_fail(program->text, program->length, list->args[k]->from,
                               list->args[k]->to, err, HANA_BAD_TYPE,
                               again ? "this label stands twice" : "a label is a text");
        else
            status =
                hana_builder_string(builder, v->as.string.data, v->as.string.length, err);
    }
    if (status == HANA_OK) status = hana_builder_take(out, builder, err);
    hana_builder_free(builder);
    return status;
}

hana_status hana_check_cut(hana_term **out, hana_call *call, hana_error *err)
{
    hana_program *program = call->program;
    hana_term *x = call->args[0];
    HANA_TRY(hana_want_number(program, x, "cut", err));
    HANA_TRY(hana_term_convert(&x, program, HANA_FLOAT, err));
    const hana_expr_node *list = call->args[1]->list;
    if (!list || list->n_args < 2)
        return hana_term_fail(
            program, call->args[1], err, HANA_BAD_TYPE,
            "cut takes a list of two or more breaks: cut(x, { 0, 10, 100 })");
    if (call->n_args > 2 && !call->args[2]->list)
        return hana_term_fail(program, call->args[2], err, HANA_BAD_TYPE,
                              "cut's labels are a list of texts");
    breaks *b = hana_alloc(1, sizeof *b + list->n_args * sizeof *b->at);
    if (!b) return hana_fail_memory(err);
    b->n = list->n_args;
    hana_column *labels = NULL;
    hana_status status = HANA_OK;
    for (size_t k = 0; k < b->n && status == HANA_OK; k++) {
        int is_number = hana_value_as_number(&list->args[k]->value, &b->at[k]);
        if (!is_number || isnan(b->at[k]) || (k && b->at[k] <= b->at[k - 1]))
            status = hana_expr_fail(program->text, program->length, list->args[k]->from,
                                    list->args[k]->to, err, HANA_BAD_ARGUMENT,
                                    "breaks are ascending numbers");
    }
    if (status == HANA_OK)
        status = call->n_args > 2
                     ? given_labels(&labels, program, call->args[2]->list, b->n - 1, err)
                     : interval_labels(&labels, b, err);
    if (status == HANA_OK)
        status = hana_term_apply(out, program, HANA_CATEGORY, run_cut, &x, 1, call->from,
                                 call->to, err);
    if (status != HANA_OK) {
        hana_column_release(labels);
        hana_free(b);
        return status;
    }
    (*out)->lax = 1;
    (*out)->levels = labels;
    (*out)->ordered = 1;
    (*out)->state = b;
    (*out)->state_free = hana_free;
    return HANA_OK;
}
