#include "learn/task.h"

#include "base/sorted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void hana_target_clear(hana_target *target)
{
    hana_column_release(target->classes);
    *target = (hana_target){ .positive = -1 };
}

hana_status hana_target_copy(hana_target *out, const hana_target *target, hana_error *err)
{
    (void)err;
    *out = *target;
    hana_column_retain(out->classes);
    return HANA_OK;
}

void hana_target_class_name(hana_text *out, const hana_target *target, size_t k)
{
    hana_column_print_cell(target->classes, k, 1, out);
}

void hana_task_clear(hana_task *task)
{
    hana_frame_release(task->frame);
    hana_target_clear(&task->target);
    hana_free(task->y);
    hana_free(task->codes);
    hana_matrix_clear(&task->proba);
    hana_free(task->weights);
    *task = (hana_task){ .target = { .positive = -1 } };
}

/* Resolving a target goes from the column to its classes, then to a code per row. */
typedef struct resolving {
    hana_task *task;
    const hana_column
        *column; /* borrowed from the frame; NULL with class probabilities alone */
    const hana_target *known;
    int can_classify, can_regress;
    hana_error *err;
} resolving;

static hana_status int_is_open(const resolving *r, const char *name)
{
    return hana_fail(
        r->err, HANA_BAD_ARGUMENT,
        "target '%s' is int: say task = \"classification\" or task = \"regression\"",
        name);
}

/* Regression or classification, from the type and what was asked for. */
static hana_status decide_kind(resolving *r)
{
    hana_task *task = r->task;
    const hana_roles *roles = task->roles;
    hana_type type = hana_column_type(r->column);
    task->target.type = type;
    if (type == HANA_DATE || type == HANA_DATETIME || type == HANA_BLOCK)
        return hana_fail(r->err, HANA_BAD_TYPE,
                         "target '%s' is %s, which cannot be predicted", roles->target,
                         hana_type_name(type));
    hana_task_kind kind = roles->task;
    if (kind == HANA_AUTO && r->known) kind = r->known->task;
    if (kind == HANA_AUTO) {
        if (type == HANA_FLOAT) {
            kind = HANA_REGRESSION;
        } else if (type == HANA_INT) {
            if (r->can_classify == r->can_regress) return int_is_open(r, roles->target);
            kind = r->can_classify ? HANA_CLASSIFICATION : HANA_REGRESSION;
        } else {
            kind = HANA_CLASSIFICATION;
        }
    }
    if (kind == HANA_REGRESSION && (type == HANA_STRING || type == HANA_CATEGORY))
        return hana_fail(r->err, HANA_BAD_TYPE,
                         "target '%s' is %s, expected numbers to regress on",
                         roles->target, hana_type_name(type));
    task->target.task = kind;
    return HANA_OK;
}

static hana_status fill_numbers(resolving *r)
{
    hana_task *task = r->task;
    task->y = hana_alloc(task->rows, sizeof *task->y);
    if (!task->y) return hana_fail_memory(r->err);
    for (size_t i = 0; i < task->rows; i++) {
        double y = hana_column_number(r->column, i);
        if (isinf(y) || (isnan(y) && !hana_column_is_null(r->column, i)))
            return hana_fail(r->err, HANA_BAD_DATA, "target '%s' is %s in row %zu",
                             task->roles->target, isnan(y) ? "NaN" : "infinite", i + 1);
        task->y[i] = y;
        task->unlabeled += isnan(y) != 0;
    }
    return HANA_OK;
}

/* The levels that occur, ascending, as a column of the target's type. */
static hana_status find_classes(const hana_column **out, const resolving *r)
{
    hana_type type = hana_column_type(r->column);
    hana_column *classes;
    if (type != HANA_CATEGORY) {
        HANA_TRY(hana_column_unique(&classes, r->column, r->err));
        *out = classes;
        return HANA_OK;
    }
    const hana_column *levels = hana_column_levels(r->column);
    const int32_t *codes = hana_column_codes(r->column);
    size_t n = hana_column_length(levels), used = 0;
    int32_t *present = hana_alloc_zero(n, sizeof *present);
    if (!present) return hana_fail_memory(r->err);
    for (size_t i = 0; i < r->task->rows; i++)
        if (!hana_column_is_null(r->column, i)) present[codes[i]] = 1;
    for (size_t k = 0; k < n; k++)
        if (present[k]) present[used++] = (int32_t)k;
    hana_status status = hana_column_from_codes(&classes, present, used, levels,
                                                hana_column_ordered(r->column), r->err);
    hana_free(present);
    if (status == HANA_OK) *out = classes;
    return status;
}

static hana_status fail_unknown_class(const resolving *r, size_t row)
{
    hana_text text = { 0 };
    hana_column_print_cell(r->column, row, 1, &text);
    hana_status status = hana_fail(
        r->err, HANA_BAD_DATA, "target '%s' has class '%s' in row %zu, which is unknown",
        r->task->roles->target, text.data ? text.data : "", row + 1);
    hana_text_clear(&text);
    return status;
}

/* Category codes to class codes by text, so that dictionaries may differ. */
static hana_status map_levels(int32_t **out, const hana_column *levels,
                              const hana_column *classes, hana_error *err)
{
    size_t n = hana_column_length(levels), k = hana_column_length(classes);
    int32_t *map = hana_alloc(n, sizeof *map);
    if (!map) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        size_t length, other;
        const char *text = hana_column_string(levels, i, &length);
        map[i] = -1;
        for (size_t c = 0; c < k && map[i] < 0; c++) {
            const char *name = hana_column_string(classes, c, &other);
            if (other == length && memcmp(name, text, length) == 0) map[i] = (int32_t)c;
        }
    }
    *out = map;
    return HANA_OK;
}

static hana_status fill_text_codes(resolving *r)
{
    hana_task *task = r->task;
    const hana_column *classes = task->target.classes;
    const hana_column *source;
    HANA_TRY(hana_column_as_category(&source, r->column, 1, r->err));
    int32_t *map = NULL;
    hana_status status = map_levels(&map, hana_column_levels(source), classes, r->err);
    const int32_t *codes = hana_column_codes(source);
    for (size_t i = 0; status == HANA_OK && i < task->rows; i++) {
        if (hana_column_is_null(source, i)) {
            task->codes[i] = -1;
            task->unlabeled++;
            continue;
        }
        task->codes[i] = map[codes[i]];
        if (task->codes[i] < 0) status = fail_unknown_class(r, i);
    }
    hana_free(map);
    hana_column_release(source);
    return status;
}

static hana_status fill_number_codes(resolving *r)
{
    hana_task *task = r->task;
    const hana_column *classes = task->target.classes;
    size_t k = hana_column_length(classes);
    double *sorted = hana_alloc(k, sizeof *sorted);
    if (!sorted) return hana_fail_memory(r->err);
    for (size_t c = 0; c < k; c++) sorted[c] = hana_column_number(classes, c);
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < task->rows; i++) {
        if (hana_column_is_null(r->column, i)) {
            task->codes[i] = -1;
            task->unlabeled++;
            continue;
        }
        task->codes[i] =
            (int32_t)hana_sorted_find(sorted, k, hana_column_number(r->column, i));
        if (task->codes[i] < 0) status = fail_unknown_class(r, i);
    }
    hana_free(sorted);
    return status;
}

static hana_status fill_codes(resolving *r)
{
    hana_task *task = r->task;
    task->codes = hana_alloc(task->rows, sizeof *task->codes);
    if (!task->codes) return hana_fail_memory(r->err);
    hana_type type = hana_column_type(r->column);
    return type == HANA_STRING || type == HANA_CATEGORY ? fill_text_codes(r)
                                                        : fill_number_codes(r);
}

static hana_status find_positive(resolving *r)
{
    hana_target *target = &r->task->target;
    target->positive = -1;
    const char *wanted = r->task->roles->positive;
    if (!wanted) {
        if (r->known) target->positive = r->known->positive;
        return HANA_OK;
    }
    size_t k = hana_target_classes(target);
    hana_text name = { 0 }, all = { 0 };
    for (size_t c = 0; c < k; c++) {
        name.length = 0;
        hana_target_class_name(&name, target, c);
        if (name.data && strcmp(name.data, wanted) == 0) target->positive = (ptrdiff_t)c;
        if (c < 10)
            hana_text_printf(&all, "%s'%s'", c ? ", " : "", name.data ? name.data : "");
    }
    hana_status status = HANA_OK;
    if (target->positive < 0)
        status =
            hana_fail(r->err, HANA_BAD_ARGUMENT,
                      "positive class '%s' is not among the classes of '%s': %s", wanted,
                      r->task->roles->target ? r->task->roles->target : "target_proba",
                      all.data ? all.data : "");
    hana_text_clear(&name);
    hana_text_clear(&all);
    return status;
}

/* Class probabilities: a float column a class; its names are the classes when there is no
   target column whose classes they name. */
static hana_status fill_proba(resolving *r)
{
    hana_task *task = r->task;
    const hana_frame *frame = task->roles->target_proba;
    size_t k = hana_frame_cols(frame);
    if (hana_frame_rows(frame) != task->rows)
        return hana_fail(r->err, HANA_BAD_SHAPE,
                         "target_proba has %zu rows, the data has %zu",
                         hana_frame_rows(frame), task->rows);
    if (k < 2)
        return hana_fail(r->err, HANA_BAD_SHAPE,
                         "target_proba needs a column for each class");
    if (!task->target.classes) {
        hana_builder *builder;
        hana_column *classes = NULL;
        HANA_TRY(hana_builder_new(&builder, HANA_STRING, k, r->err));
        hana_status status = HANA_OK;
        for (size_t c = 0; status == HANA_OK && c < k; c++) {
            const char *name = hana_frame_name(frame, c);
            status = hana_builder_string(builder, name, strlen(name), r->err);
        }
        if (status == HANA_OK) status = hana_builder_take(&classes, builder, r->err);
        hana_builder_free(builder);
        if (status != HANA_OK) return status;
        task->target.classes = classes;
        task->target.type = HANA_STRING;
    }
    task->target.task = HANA_CLASSIFICATION;
    if (hana_target_classes(&task->target) != k)
        return hana_fail(r->err, HANA_BAD_SHAPE,
                         "target_proba has %zu columns for %zu classes", k,
                         hana_target_classes(&task->target));
    if (!task->codes) task->codes = hana_alloc(task->rows, sizeof *task->codes);
    if (!task->codes) return hana_fail_memory(r->err);
    HANA_TRY(hana_matrix_new(&task->proba, task->rows, k, r->err));
    hana_text name = { 0 };
    hana_status status = HANA_OK;
    for (size_t c = 0; status == HANA_OK && c < k; c++) {
        name.length = 0;
        hana_target_class_name(&name, &task->target, c);
        const hana_column *column = NULL;
        status = name.failed ? hana_fail_memory(r->err)
                             : hana_frame_get(&column, frame, name.data, r->err);
        for (size_t i = 0; status == HANA_OK && i < task->rows; i++)
            task->proba.data[i * k + c] = hana_column_number(column, i);
    }
    hana_text_clear(&name);
    if (status != HANA_OK) return status;
    task->unlabeled = 0;
    for (size_t i = 0; i < task->rows; i++) {
        double *p = task->proba.data + i * k, sum = 0;
        int best = 0, missing = 0;
        for (size_t c = 0; c < k; c++) {
            if (p[c] < 0 || isinf(p[c]))
                return hana_fail(r->err, HANA_BAD_DATA,
                                 "target_proba has %g in row %zu, expected a probability",
                                 p[c], i + 1);
            missing |= isnan(p[c]) != 0;
            sum += p[c];
            if (p[c] > p[best]) best = (int)c;
        }
        if (!missing && fabs(sum - 1) > 1e-6)
            return hana_fail(r->err, HANA_BAD_DATA,
                             "target_proba sums to %g in row %zu, expected 1", sum,
                             i + 1);
        for (size_t c = 0; c < k; c++) p[c] = missing ? (double)NAN : p[c] / sum;
        task->codes[i] = missing ? -1 : best;
        task->unlabeled += (size_t)missing;
    }
    return HANA_OK;
}

static hana_status fill_weights(resolving *r)
{
    hana_task *task = r->task;
    const char *name = task->roles->weights;
    if (!name) return HANA_OK;
    const hana_column *column;
    HANA_TRY(hana_frame_get(&column, task->frame, name, r->err));
    hana_type type = hana_column_type(column);
    if (type != HANA_FLOAT && type != HANA_INT)
        return hana_fail(r->err, HANA_BAD_TYPE, "weights '%s' is %s, expected numbers",
                         name, hana_type_name(type));
    task->weights = hana_alloc(task->rows, sizeof *task->weights);
    if (!task->weights) return hana_fail_memory(r->err);
    double sum = 0;
    for (size_t i = 0; i < task->rows; i++) {
        double w = hana_column_number(column, i);
        if (!(w >= 0) || isinf(w))
            return hana_fail(r->err, HANA_BAD_DATA,
                             "weights '%s' is %s in row %zu, expected a number >= 0",
                             name,
                             hana_column_is_null(column, i) ? "null"
                             : w < 0                        ? "negative"
                                                            : "not finite",
                             i + 1);
        task->weights[i] = w;
        sum += w;
    }
    if (sum == 0) return hana_fail(r->err, HANA_BAD_DATA, "weights '%s' are all 0", name);
    return HANA_OK;
}

static hana_status fill_classes(resolving *r)
{
    hana_task *task = r->task;
    if (r->known) {
        task->target.classes = hana_column_retain(r->known->classes);
    } else {
        HANA_TRY(find_classes(&task->target.classes, r));
        size_t k = hana_target_classes(&task->target);
        if (k == 1) {
            hana_text name = { 0 };
            hana_target_class_name(&name, &task->target, 0);
            hana_status status = hana_fail(
                r->err, HANA_BAD_DATA,
                "target '%s' has one class only ('%s'): there is nothing to tell apart",
                task->roles->target, name.data ? name.data : "");
            hana_text_clear(&name);
            return status;
        }
    }
    return fill_codes(r);
}

static hana_status resolve(resolving *r)
{
    hana_task *task = r->task;
    const hana_roles *roles = task->roles;
    if (task->rows == 0) return hana_fail(r->err, HANA_BAD_SHAPE, "the data has no rows");
    if (roles->target) {
        HANA_TRY(hana_frame_get(&r->column, task->frame, roles->target, r->err));
        HANA_TRY(decide_kind(r));
        if (hana_column_nulls(r->column) == task->rows && !roles->target_proba)
            return hana_fail(r->err, HANA_BAD_DATA, "target '%s' is null in all %zu rows",
                             roles->target, task->rows);
        if (task->target.task == HANA_CLASSIFICATION)
            HANA_TRY(fill_classes(r));
        else
            HANA_TRY(fill_numbers(r));
    } else {
        task->target.task = HANA_NO_TARGET;
    }
    if (roles->target_proba) HANA_TRY(fill_proba(r));
    HANA_TRY(find_positive(r));
    return fill_weights(r);
}

hana_status hana_task_new(hana_task *out, const hana_frame *frame,
                          const hana_roles *roles, const hana_target *known,
                          int can_classify, int can_regress, hana_error *err)
{
    hana_task made = { .frame = hana_frame_retain(frame),
                       .roles = roles,
                       .rows = hana_frame_rows(frame),
                       .target = { .positive = -1 } };
    resolving r = { .task = &made,
                    .known = known,
                    .can_classify = can_classify,
                    .can_regress = can_regress,
                    .err = err };
    hana_status status = resolve(&r);
    if (status == HANA_OK)
        *out = made;
    else
        hana_task_clear(&made);
    return status;
}

static hana_status gather(hana_task *made, const hana_task *task, const size_t *rows,
                          size_t n, hana_error *err)
{
    size_t k = task->proba.cols;
    if (task->y && !(made->y = hana_alloc(n, sizeof *made->y)))
        return hana_fail_memory(err);
    if (task->codes && !(made->codes = hana_alloc(n, sizeof *made->codes)))
        return hana_fail_memory(err);
    if (task->weights && !(made->weights = hana_alloc(n, sizeof *made->weights)))
        return hana_fail_memory(err);
    if (task->proba.data) HANA_TRY(hana_matrix_new(&made->proba, n, k, err));
    for (size_t i = 0; i < n; i++) {
        size_t from = rows ? rows[i] : i;
        if (task->y) {
            made->y[i] = task->y[from];
            made->unlabeled += isnan(task->y[from]) != 0;
        }
        if (task->codes) {
            made->codes[i] = task->codes[from];
            made->unlabeled += task->codes[from] < 0;
        }
        if (task->weights) made->weights[i] = task->weights[from];
        if (task->proba.data)
            memcpy(made->proba.data + i * k, task->proba.data + from * task->proba.stride,
                   k * sizeof(double));
    }
    return HANA_OK;
}

/* `frame` is owned and taken over, also on failure. */
static hana_status derive(hana_task *out, const hana_task *task, const hana_frame *frame,
                          const size_t *rows, size_t n, hana_error *err)
{
    hana_task made = { .frame = frame, .roles = task->roles, .rows = n };
    hana_status status = hana_target_copy(&made.target, &task->target, err);
    if (status == HANA_OK) status = gather(&made, task, rows, n, err);
    if (status == HANA_OK)
        *out = made;
    else
        hana_task_clear(&made);
    return status;
}

hana_status hana_task_take(hana_task *out, const hana_task *task, const size_t *rows,
                           size_t n, hana_error *err)
{
    hana_frame *frame;
    HANA_TRY(hana_frame_take(&frame, task->frame, rows, n, err));
    return derive(out, task, frame, rows, n, err);
}

hana_status hana_task_with_frame(hana_task *out, const hana_task *task,
                                 const hana_frame *frame, hana_error *err)
{
    return derive(out, task, hana_frame_retain(frame), NULL, task->rows, err);
}

hana_status hana_task_labeled(hana_task *out, const hana_task *task, hana_error *err)
{
    if (task->unlabeled == 0 || task->target.task == HANA_NO_TARGET)
        return hana_task_with_frame(out, task, task->frame, err);
    size_t *rows = hana_alloc(task->rows, sizeof *rows), n = 0;
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < task->rows; i++)
        if (task->codes ? task->codes[i] >= 0 : !isnan(task->y[i])) rows[n++] = i;
    hana_status status = n ? hana_task_take(out, task, rows, n, err)
                           : hana_fail(err, HANA_BAD_DATA, "no row has a label");
    hana_free(rows);
    return status;
}
