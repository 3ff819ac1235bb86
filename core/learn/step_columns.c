#include "learn/step_columns.h"

#include <string.h>

static const char *wanted(unsigned types)
{
    if (types == HANA_TYPES_NUMBER) return "a number";
    if (types == HANA_TYPES_TEXT) return "text or a category";
    if (types == 1 << HANA_STRING) return "text";
    return "another type";
}

static int has_type(const hana_column *column, unsigned types)
{
    return (types >> hana_column_type(column) & 1) != 0;
}

hana_status hana_step_column(const hana_column **out, const hana_frame *frame,
                             const char *name, const char *step, unsigned types,
                             hana_error *err)
{
    ptrdiff_t j = hana_frame_find(frame, name);
    if (j < 0)
        return hana_fail(err, HANA_NO_SUCH_NAME, "%s: column '%s' is missing", step,
                         name);
    const hana_column *column = hana_frame_column(frame, (size_t)j);
    if (!has_type(column, types))
        return hana_fail(err, HANA_BAD_TYPE, "%s: column '%s' is %s, expected %s", step,
                         name, hana_type_name(hana_column_type(column)), wanted(types));
    *out = column;
    return HANA_OK;
}

static hana_status choose(hana_names *out, const hana_names *features,
                          const hana_columns *given, const hana_task *task,
                          const char *step, unsigned types, hana_error *err)
{
    const hana_column *column;
    if (!given->given) {
        for (size_t i = 0; i < features->n; i++) {
            HANA_TRY(hana_frame_get(&column, task->frame, features->items[i], err));
            if (has_type(column, types))
                HANA_TRY(hana_names_add(out, features->items[i], err));
        }
        return HANA_OK;
    }
    HANA_TRY(hana_columns_resolve(out, given, task->frame, features, err));
    for (size_t i = 0; i < out->n; i++) {
        if (hana_names_find(features, out->items[i]) < 0)
            return hana_fail(err, HANA_BAD_ARGUMENT,
                             "%s: column '%s' has another role and is not a feature",
                             step, out->items[i]);
        HANA_TRY(hana_step_column(&column, task->frame, out->items[i], step, types, err));
    }
    return HANA_OK;
}

hana_status hana_step_columns(hana_names *out, const hana_columns *given,
                              const hana_task *task, const char *step, unsigned types,
                              hana_error *err)
{
    hana_names features = { 0 }, made = { 0 };
    hana_status status = hana_features(&features, task->frame, task->roles, err);
    if (status == HANA_OK)
        status = choose(&made, &features, given, task, step, types, err);
    hana_names_clear(&features);
    if (status == HANA_OK)
        *out = made;
    else
        hana_names_clear(&made);
    return status;
}

void hana_frame_edit_clear(hana_frame_edit *edit)
{
    for (size_t j = 0; j < edit->n; j++) {
        hana_free(edit->names[j]);
        hana_column_release(edit->columns[j]);
    }
    hana_free(edit->names);
    hana_free(edit->columns);
    *edit = (hana_frame_edit){ 0 };
}

/* The arrays grow together or not at all. */
static hana_status reserve(hana_frame_edit *edit, size_t n, hana_error *err)
{
    if (n <= edit->capacity) return HANA_OK;
    size_t capacity = n + n / 2 + 8;
    char **names = hana_realloc(edit->names, capacity, sizeof *names);
    if (!names) return hana_fail_memory(err);
    edit->names = names;
    const hana_column **columns = hana_realloc(edit->columns, capacity, sizeof *columns);
    if (!columns) return hana_fail_memory(err);
    edit->columns = columns;
    edit->capacity = capacity;
    return HANA_OK;
}

hana_status hana_frame_edit_append(hana_frame_edit *edit, const char *name,
                                   const hana_column *column, hana_error *err)
{
    hana_status status = reserve(edit, edit->n + 1, err);
    char *copy = status == HANA_OK ? hana_strdup(name) : NULL;
    if (!copy) {
        hana_column_release(column);
        return status == HANA_OK ? hana_fail_memory(err) : status;
    }
    edit->names[edit->n] = copy;
    edit->columns[edit->n++] = column;
    return HANA_OK;
}

hana_status hana_frame_edit_begin(hana_frame_edit *edit, const hana_frame *frame,
                                  hana_error *err)
{
    hana_frame_edit made = { .frame = frame };
    hana_status status = HANA_OK;
    for (size_t j = 0; status == HANA_OK && j < hana_frame_cols(frame); j++)
        status =
            hana_frame_edit_append(&made, hana_frame_name(frame, j),
                                   hana_column_retain(hana_frame_column(frame, j)), err);
    if (status == HANA_OK)
        *edit = made;
    else
        hana_frame_edit_clear(&made);
    return status;
}

static ptrdiff_t find(const hana_frame_edit *edit, const char *name)
{
    /* Untouched frames keep their places, so that wide ones are not searched through. */
    ptrdiff_t hint = hana_frame_find(edit->frame, name);
    if (hint >= 0 && (size_t)hint < edit->n && strcmp(edit->names[hint], name) == 0)
        return hint;
    for (size_t j = 0; j < edit->n; j++)
        if (strcmp(edit->names[j], name) == 0) return (ptrdiff_t)j;
    return -1;
}

hana_status hana_frame_edit_replace(hana_frame_edit *edit, const char *name,
                                    const hana_column *column, hana_error *err)
{
    ptrdiff_t j = find(edit, name);
    if (j < 0) return hana_frame_edit_append(edit, name, column, err);
    hana_column_release(edit->columns[j]);
    edit->columns[j] = column;
    return HANA_OK;
}

void hana_frame_edit_remove(hana_frame_edit *edit, const char *name)
{
    ptrdiff_t j = find(edit, name);
    if (j < 0) return;
    hana_free(edit->names[j]);
    hana_column_release(edit->columns[j]);
    size_t after = edit->n - (size_t)j - 1;
    memmove(edit->names + j, edit->names + j + 1, after * sizeof *edit->names);
    memmove(edit->columns + j, edit->columns + j + 1, after * sizeof *edit->columns);
    edit->n--;
}

hana_status hana_frame_edit_finish(hana_frame **out, hana_frame_edit *edit,
                                   hana_error *err)
{
    hana_frame *made;
    HANA_TRY(hana_frame_new(&made, (const char *const *)edit->names, edit->columns,
                            edit->n, hana_frame_rows(edit->frame), err));
    hana_status status = hana_frame_with_ids_of(out, made, edit->frame, err);
    hana_frame_release(made);
    return status;
}
