#include "data/column_parts.h"
#include "data/expr_parts.h"
#include "data/expr_term.h"

#include <stdio.h>
#include <string.h>

void hana_program_clear(hana_program *program)
{
    for (size_t i = 0; i < program->n_terms; i++) {
        hana_term *term = program->terms[i];
        hana_column_release(term->column);
        hana_column_release(term->levels);
        if (term->state_free) term->state_free(term->state);
        hana_free(term);
    }
    hana_free(program->terms);
    *program = (hana_program){ 0 };
}

hana_status hana_term_new(hana_term **out, hana_program *program, hana_term_kind kind,
                          hana_type type, size_t from, size_t to, hana_error *err)
{
    if (program->n_terms == program->terms_capacity) {
        size_t capacity = program->terms_capacity ? 2 * program->terms_capacity : 16;
        hana_term **terms = hana_realloc(program->terms, capacity, sizeof *terms);
        if (!terms) return hana_fail_memory(err);
        program->terms = terms;
        program->terms_capacity = capacity;
    }
    hana_term *term = hana_alloc_zero(1, sizeof *term);
    if (!term) return hana_fail_memory(err);
    term->kind = kind;
    term->type = type;
    term->from = from;
    term->to = to;
    term->depth = 1;
    term->reg = -1;
    memcpy(term->zone, "UTC", 4);
    program->terms[program->n_terms++] = term;
    *out = term;
    return HANA_OK;
}

hana_status hana_term_apply(hana_term **out, hana_program *program, hana_type type,
                            hana_kernel *run, hana_term *const *args, size_t n_args,
                            size_t from, size_t to, hana_error *err)
{
    hana_term *term;
    HANA_TRY(hana_term_new(&term, program, HANA_TERM_APPLY, type, from, to, err));
    term->run = run;
    term->n_args = n_args;
    for (size_t i = 0; i < n_args; i++) {
        const hana_term *arg = args[i];
        term->args[i] = args[i];
        if (arg->level > term->level) term->level = arg->level;
        if (arg->fallible) term->fallible = 1;
        if (arg->depth >= term->depth) term->depth = arg->depth + 1;
    }
    if (term->depth > HANA_TERM_DEPTH)
        return hana_term_fail(program, term, err, HANA_BAD_FORMAT,
                              "the expression has more than %d parts within each other",
                              HANA_TERM_DEPTH);
    *out = term;
    return HANA_OK;
}

hana_status hana_term_column(hana_term **out, hana_program *program,
                             const hana_column *column, hana_level level, size_t from,
                             size_t to, hana_error *err)
{
    hana_type type = hana_column_type(column);
    hana_term *term;
    HANA_TRY(hana_term_new(&term, program, HANA_TERM_COLUMN, type, from, to, err));
    term->level = level;
    term->column = hana_column_retain(column);
    if (type == HANA_CATEGORY) {
        term->levels = hana_column_retain(hana_column_levels(column));
        term->ordered = hana_column_ordered(column);
    }
    if (type == HANA_DATETIME)
        snprintf(term->zone, sizeof term->zone, "%s", hana_column_zone(column));
    *out = term;
    return HANA_OK;
}

hana_status hana_program_compile(hana_program *program, const hana_expr *expr,
                                 const hana_frame *frame, hana_job *job, hana_error *err)
{
    program->expr = expr;
    program->text = expr->text;
    program->length = expr->length;
    program->frame = frame;
    program->job = job;
    program->rows = hana_frame_rows(frame);
    if (!program->group_of_row) program->groups = 1;
    HANA_TRY(hana_check(&program->root, program, expr->root, err));
    const hana_term *root = program->root;
    if (root->untyped)
        return hana_term_fail(
            program, root, err, HANA_BAD_TYPE,
            "nil alone has no type; write float(nil), string(nil) or the like");
    return HANA_OK;
}

hana_status hana_program_order(const size_t **order, const size_t **starts,
                               const hana_program *program, hana_error *err)
{
    if (!program->by || program->by->order) {
        *order = program->by ? program->by->order : NULL;
        *starts = program->by ? program->by->starts : NULL;
        return HANA_OK;
    }
    return hana_fail(err, HANA_BAD_ARGUMENT,
                     "rows were not put in the order of their groups");
}

/* The value of a column's cell becomes the term's. */
static void become_constant(hana_term *term, const hana_column *column)
{
    term->kind = HANA_TERM_CONSTANT;
    term->level = HANA_LEVEL_CONSTANT;
    hana_column_release(term->column);
    term->column = column; /* texts point into it */
    term->is_null = hana_column_is_null(column, 0);
    switch (hana_column_type(column)) {
    case HANA_FLOAT:
        term->constant.f = hana_column_floats(column)[0];
        break;
    case HANA_INT:
    case HANA_DATETIME:
        term->constant.i = hana_column_ints(column)[0];
        break;
    case HANA_DATE:
    case HANA_CATEGORY:
        term->constant.i = hana_column_codes(column)[0];
        break;
    case HANA_BOOL:
        term->constant.i = hana_bit(hana_column_bits(column), 0);
        break;
    case HANA_STRING:
        term->constant.s.data = hana_column_string(column, 0, &term->constant.s.length);
        break;
    case HANA_BLOCK:
        break;
    }
}

static hana_status settle_whole(hana_program *program, hana_term *term, hana_error *err)
{
    const hana_column *args[HANA_TERM_ARGS] = { 0 };
    hana_column *result = NULL;
    hana_status status = HANA_OK;
    if (term->by_order && program->by)
        status = hana_groups_order(program->by, program->job, err);
    for (size_t i = 0; i < term->n_args && status == HANA_OK; i++) {
        hana_column *arg = NULL;
        status = hana_program_column(&arg, program, term->args[i], 0, err);
        args[i] = arg;
    }
    if (status == HANA_OK) status = term->whole(&result, term, args, program, err);
    for (size_t i = 0; i < term->n_args; i++) hana_column_release(args[i]);
    HANA_TRY(status);
    if (term->type == HANA_CATEGORY) {
        hana_column_release(term->levels);
        term->levels = hana_column_retain(hana_column_levels(result));
        term->ordered = hana_column_ordered(result);
    }
    if (term->kind == HANA_TERM_AGGREGATE && !program->group_of_row) {
        become_constant(term, result);
    } else {
        term->level =
            term->kind == HANA_TERM_AGGREGATE ? HANA_LEVEL_GROUP : HANA_LEVEL_ROW;
        term->kind = HANA_TERM_COLUMN;
        hana_column_release(term->column);
        term->column = result;
    }
    term->n_args = 0;
    return HANA_OK;
}

hana_status hana_program_settle(hana_program *program, hana_term *term, hana_error *err)
{
    for (size_t i = 0; i < term->n_args; i++)
        HANA_TRY(hana_program_settle(program, term->args[i], err));
    if (term->kind == HANA_TERM_AGGREGATE || term->kind == HANA_TERM_WINDOW)
        return settle_whole(program, term, err);
    return HANA_OK;
}

hana_status hana_term_fail(const hana_program *program, const hana_term *term,
                           hana_error *err, hana_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    hana_expr_fail_v(program->text, program->length, term->from, term->to, err, status,
                     format, args);
    va_end(args);
    return status;
}

const char *hana_chunk_where(char *out, const hana_term *term, const hana_chunk *chunk,
                             size_t i)
{
    if (term->level == HANA_LEVEL_CONSTANT || chunk->inputs)
        out[0] = '\0';
    else
        snprintf(out, HANA_WHERE_SIZE, " in %s %zu", chunk->by_group ? "group" : "row",
                 chunk->from + i + 1);
    return out;
}

/* Evaluation from outside. */

static hana_status start(hana_program *program, const hana_expr *expr,
                         const hana_frame *frame, hana_groups *groups, hana_job *job,
                         hana_error *err)
{
    *program = (hana_program){ .by = groups,
                               .group_of_row = groups ? groups->of_row : NULL,
                               .groups = groups ? groups->n : 1 };
    return hana_program_compile(program, expr, frame, job, err);
}

/* The first part that has a value a row and stands outside aggregates. */
static const hana_term *find_row_leaf(const hana_term *term)
{
    if (term->level != HANA_LEVEL_ROW) return NULL;
    if (term->kind == HANA_TERM_APPLY)
        for (size_t i = 0; i < term->n_args; i++) {
            const hana_term *found = find_row_leaf(term->args[i]);
            if (found) return found;
        }
    return term;
}

static hana_status want_grouped(const hana_program *program, hana_error *err)
{
    const hana_term *leaf = find_row_leaf(program->root);
    if (!leaf) return HANA_OK;
    return hana_term_fail(
        program, leaf, err, HANA_BAD_ARGUMENT,
        "this has a value for each row; one value is wanted: put it into an "
        "aggregate such as mean(...) or first(...)");
}

static hana_status evaluate(hana_column **out, const hana_expr *expr,
                            const hana_frame *frame, hana_groups *groups, int by_group,
                            hana_job *job, hana_error *err)
{
    hana_program program;
    hana_column *column = NULL;
    hana_status status = start(&program, expr, frame, groups, job, err);
    if (status == HANA_OK && by_group) status = want_grouped(&program, err);
    if (status == HANA_OK) status = hana_program_settle(&program, program.root, err);
    if (status == HANA_OK)
        status = hana_program_column(&column, &program, program.root, by_group, err);
    hana_program_clear(&program);
    if (status == HANA_OK) *out = column;
    return status;
}

hana_status hana_expr_type(hana_type *out, const hana_expr *expr, const hana_frame *frame,
                           hana_error *err)
{
    hana_program program;
    hana_status status = start(&program, expr, frame, NULL, NULL, err);
    if (status == HANA_OK) *out = program.root->type;
    hana_program_clear(&program);
    return status;
}

hana_status hana_expr_eval(hana_column **out, const hana_expr *expr,
                           const hana_frame *frame, hana_job *job, hana_error *err)
{
    return evaluate(out, expr, frame, NULL, 0, job, err);
}

hana_status hana_expr_eval_scalar(hana_column **out, const hana_expr *expr,
                                  const hana_frame *frame, hana_job *job, hana_error *err)
{
    return evaluate(out, expr, frame, NULL, 1, job, err);
}

hana_status hana_expr_eval_groups(hana_column **out, const hana_expr *expr,
                                  const hana_frame *frame, hana_groups *groups,
                                  hana_job *job, hana_error *err)
{
    return evaluate(out, expr, frame, groups, 1, job, err);
}

hana_status hana_expr_eval_within(hana_column **out, const hana_expr *expr,
                                  const hana_frame *frame, hana_groups *groups,
                                  hana_job *job, hana_error *err)
{
    return evaluate(out, expr, frame, groups, 0, job, err);
}

/* Columns of the host language: a column of length 1 stands for any length. */
static hana_status column_terms(hana_term **terms, hana_program *program,
                                const hana_column *const *columns, size_t n,
                                hana_error *err)
{
    size_t rows = 1;
    for (size_t i = 0; i < n; i++) {
        size_t length = hana_column_length(columns[i]);
        if (length == 1) continue;
        if (rows != 1 && rows != length)
            return hana_fail(err, HANA_BAD_SHAPE,
                             "columns of %zu and %zu cells do not fit together", rows,
                             length);
        rows = length;
    }
    program->rows = rows;
    program->groups = 1;
    for (size_t i = 0; i < n; i++) {
        if (hana_column_type(columns[i]) == HANA_BLOCK)
            return hana_fail(err, HANA_BAD_TYPE,
                             "a block column takes no part in arithmetic");
        HANA_TRY(
            hana_term_column(&terms[i], program, columns[i], HANA_LEVEL_ROW, 0, 0, err));
        if (hana_column_length(columns[i]) == 1 && rows != 1)
            become_constant(terms[i], hana_column_retain(columns[i]));
    }
    return HANA_OK;
}

hana_status hana_column_arith(hana_column **out, hana_expr_op op, const hana_column *a,
                              const hana_column *b, hana_job *job, hana_error *err)
{
    hana_program program = { .job = job };
    hana_column *column = NULL;
    hana_term *terms[2];
    size_t n = op == HANA_OP_NEG || op == HANA_OP_NOT || op == HANA_OP_LEN ? 1 : 2;
    const hana_column *columns[2] = { a, b };
    hana_status status = column_terms(terms, &program, columns, n, err);
    if (status == HANA_OK)
        status = hana_check_op(&program.root, &program, op, terms, n, 0, 0, err);
    if (status == HANA_OK)
        status = hana_program_column(&column, &program, program.root, 0, err);
    hana_program_clear(&program);
    if (status == HANA_OK) *out = column;
    return status;
}

static hana_status constant_of(hana_term **out, hana_program *program,
                               const hana_value *value, hana_error *err)
{
    hana_term *term;
    HANA_TRY(hana_term_new(&term, program, HANA_TERM_CONSTANT, HANA_FLOAT, 0, 0, err));
    if (value->kind == HANA_VALUE_INT) {
        term->type = HANA_INT;
        term->constant.i = value->as.integer;
    } else if (value->kind == HANA_VALUE_NUMBER)
        term->constant.f = value->as.number;
    else
        return hana_fail(err, HANA_BAD_TYPE, "expected a number as argument, got %s",
                         hana_value_kind_name(value));
    *out = term;
    return HANA_OK;
}

hana_status hana_column_aggregate(hana_column **out, const char *name,
                                  const hana_column *column, const hana_value *args,
                                  size_t n_args, hana_job *job, hana_error *err)
{
    const hana_function *function = hana_function_find(name);
    if (!function || function->kind != HANA_FUNCTION_AGGREGATE)
        return hana_fail(err, HANA_NO_SUCH_NAME, "there is no aggregate named '%s'",
                         name);
    enum { MOST = 4 };
    if (n_args + 1 > MOST || (int)n_args + 1 < function->min ||
        (int)n_args + 1 > function->max)
        return hana_fail(err, HANA_BAD_ARGUMENT, "%s(%s) was given %zu arguments", name,
                         function->info.arguments, n_args + 1);
    hana_program program = { .job = job,
                             .rows = hana_column_length(column),
                             .groups = 1 };
    hana_column *result = NULL;
    hana_term *terms[MOST];
    hana_call call = { &program, function, terms, n_args + 1, 0, 0 };
    hana_status status =
        hana_term_column(&terms[0], &program, column, HANA_LEVEL_ROW, 0, 0, err);
    for (size_t i = 0; i < n_args && status == HANA_OK; i++) {
        const hana_column *other = hana_value_pointer(&args[i], &hana_column_class);
        if (!other)
            status = constant_of(&terms[i + 1], &program, &args[i], err);
        else if (hana_column_length(other) != program.rows)
            status = hana_fail(err, HANA_BAD_SHAPE,
                               "columns of %zu and %zu cells do not fit together",
                               program.rows, hana_column_length(other));
        else
            status = hana_term_column(&terms[i + 1], &program, other, HANA_LEVEL_ROW, 0,
                                      0, err);
    }
    if (status == HANA_OK && hana_column_type(column) == HANA_BLOCK)
        status = hana_fail(err, HANA_BAD_TYPE, "a block column has no %s", name);
    if (status == HANA_OK) status = function->check(&program.root, &call, err);
    if (status == HANA_OK) status = hana_program_settle(&program, program.root, err);
    if (status == HANA_OK)
        status = hana_program_column(&result, &program, program.root, 1, err);
    hana_program_clear(&program);
    if (status == HANA_OK) *out = result;
    return status;
}
