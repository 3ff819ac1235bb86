#include "learn/level_guard.h"

#include "data/dictionary.h"
#include "learn/design.h"

void hana_level_guard_clear(hana_level_guard *guard)
{
    for (size_t i = 0; guard->levels && i < guard->names.n; i++)
        hana_column_release(guard->levels[i]);
    hana_free(guard->levels);
    hana_names_clear(&guard->names);
    hana_roles_clear(&guard->lenient);
    *guard = (hana_level_guard){ 0 };
}

static hana_status levels_of(const hana_column **out, const hana_column *column,
                             hana_error *err)
{
    hana_column *text = NULL, *unique = NULL;
    if (hana_column_type(column) == HANA_CATEGORY)
        HANA_TRY(hana_column_cast(&text, column, HANA_STRING, NULL, err));
    hana_status status = hana_column_unique(&unique, text ? text : column, err);
    hana_column_release(text);
    if (status == HANA_OK) *out = unique;
    return status;
}

static hana_status learn(hana_level_guard *guard, const hana_task *task,
                         const hana_names *features, hana_error *err)
{
    guard->levels = hana_alloc_zero(features->n, sizeof *guard->levels);
    if (!guard->levels) return hana_fail_memory(err);
    for (size_t i = 0; i < features->n; i++) {
        const hana_column *column, *levels;
        HANA_TRY(hana_frame_get(&column, task->frame, features->items[i], err));
        hana_type type = hana_column_type(column);
        if (type != HANA_STRING && type != HANA_CATEGORY) continue;
        HANA_TRY(levels_of(&levels, column, err));
        hana_status status = HANA_OK;
        if (hana_column_length(levels) > HANA_MOST_TEXT_LEVELS) {
            hana_column_release(levels);
            continue;
        }
        status = hana_names_add(&guard->names, features->items[i], err);
        if (status == HANA_OK)
            guard->levels[guard->names.n - 1] = levels;
        else
            hana_column_release(levels);
        HANA_TRY(status);
    }
    return HANA_OK;
}

hana_status hana_level_guard_learn(hana_level_guard *out, const hana_task *task,
                                   hana_error *err)
{
    hana_level_guard made = { .strict = task->roles->new_level == HANA_LEVEL_ERROR };
    hana_names features = { 0 };
    hana_status status = hana_roles_copy(&made.lenient, task->roles, err);
    if (status == HANA_OK && made.strict) {
        made.lenient.new_level = HANA_LEVEL_OTHER;
        status = hana_features(&features, task->frame, task->roles, err);
        if (status == HANA_OK) status = learn(&made, task, &features, err);
    }
    hana_names_clear(&features);
    if (status == HANA_OK)
        *out = made;
    else
        hana_level_guard_clear(&made);
    return status;
}

hana_task hana_level_guard_task(const hana_level_guard *guard, const hana_task *task)
{
    hana_task seen = *task;
    seen.roles = &guard->lenient;
    return seen;
}

/* Codes of a category by levels, so that each text is looked up once. */
static hana_status check_column(const hana_level_guard *guard, size_t j,
                                const char *estimator, const hana_column *column,
                                hana_error *err)
{
    hana_dictionary *known;
    HANA_TRY(hana_dictionary_new(&known, err));
    hana_status status = hana_dictionary_add_column(known, guard->levels[j], err);
    for (size_t i = 0; status == HANA_OK && i < hana_column_length(column); i++) {
        size_t length;
        const char *text = hana_column_string(column, i, &length);
        if (hana_column_is_null(column, i)) continue;
        if (hana_dictionary_find(known, text, length) < 0)
            status = hana_fail(
                err, HANA_BAD_DATA,
                "%s: column '%s' has the level '%.*s' in row %zu, which was not "
                "seen in fit (fit with new_level = \"other\" to allow it)",
                estimator, guard->names.items[j], (int)(length < 60 ? length : 60), text,
                i + 1);
    }
    hana_dictionary_free(known);
    return status;
}

hana_status hana_level_guard_check(const hana_level_guard *guard, const char *estimator,
                                   const hana_frame *frame, hana_error *err)
{
    for (size_t j = 0; guard->strict && j < guard->names.n; j++) {
        ptrdiff_t at = hana_frame_find(frame, guard->names.items[j]);
        if (at < 0) continue; /* the parts say what they miss */
        const hana_column *column = hana_frame_column(frame, (size_t)at);
        hana_type type = hana_column_type(column);
        if (type == HANA_STRING || type == HANA_CATEGORY)
            HANA_TRY(check_column(guard, j, estimator, column, err));
    }
    return HANA_OK;
}

hana_status hana_level_guard_save(const hana_level_guard *guard, hana_writer *writer,
                                  hana_error *err)
{
    HANA_TRY(hana_put_int(writer, "strict", guard->strict, err));
    HANA_TRY(hana_put_names(writer, "guarded", &guard->names, err));
    HANA_TRY(hana_writer_enter(writer, "levels", 1, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; status == HANA_OK && j < guard->names.n; j++)
        status = hana_put_column(writer, guard->names.items[j], guard->levels[j], err);
    hana_writer_leave(writer);
    return status;
}

static hana_status load(hana_level_guard *guard, hana_reader *reader, hana_error *err)
{
    int64_t strict;
    HANA_TRY(hana_get_int(reader, "strict", &strict, err));
    guard->strict = strict != 0;
    HANA_TRY(hana_get_names(reader, "guarded", &guard->names, err));
    guard->levels = hana_alloc_zero(guard->names.n, sizeof *guard->levels);
    if (!guard->levels) return hana_fail_memory(err);
    HANA_TRY(hana_reader_enter(reader, "levels", NULL, err));
    hana_status status = HANA_OK;
    for (size_t j = 0; status == HANA_OK && j < guard->names.n; j++) {
        status = hana_get_column(reader, guard->names.items[j], &guard->levels[j], err);
        if (status == HANA_OK &&
            (!guard->levels[j] || hana_column_type(guard->levels[j]) != HANA_STRING))
            status =
                hana_fail(err, HANA_BAD_FORMAT, "the saved levels of '%s' are damaged",
                          guard->names.items[j]);
    }
    hana_reader_leave(reader);
    return status;
}

hana_status hana_level_guard_load(hana_level_guard *out, hana_reader *reader,
                                  hana_error *err)
{
    hana_level_guard made = { 0 };
    hana_status status = load(&made, reader, err);
    if (status == HANA_OK)
        *out = made;
    else
        hana_level_guard_clear(&made);
    return status;
}
