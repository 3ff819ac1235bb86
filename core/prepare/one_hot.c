#include "data/dictionary.h"
#include "learn/step_columns.h"

#include <stdlib.h>
#include <string.h>

/* A column of 0 and 1 for each level of a text or category. Rare levels can share a
   column, and null is a level of its own when fit saw one. Many levels become one sparse
   block. */

enum { AS_MODEL, ERROR, OTHER, MISSING };
static const char *const policies[] = { "as_model", "error", "other", "missing", NULL };
enum { MOST_COLUMNS = 64 }; /* more levels than this become a block */

typedef struct options {
    hana_columns columns;
    int64_t min_count;
    int drop_first;
    int new_level;
} options;

static const options defaults = { .min_count = 1 };

static const hana_option rows[] = {
    HANA_OPTION_COLUMNS(options, columns,
                        .help = "the columns; default: texts and categories"),
    HANA_OPTION_INTEGER(options, min_count, .low = 1, .high = 1e15,
                        .help =
                            "levels in fewer rows than this share the column (other)"),
    HANA_OPTION_FLAG(options, drop_first,
                     .help =
                         "no column for the first level; always so before a learner that "
                         "needs independent columns"),
    HANA_OPTION_CHOICE(
        options, new_level, .choices = policies,
        .help = "a level that fit did not see: error, other (the shared column, or "
                "zeros), missing (as null); as_model: as the fit says"),
};

/* Column j is encoded into levels: names of the outputs, of which the last ones may be
   "(other)" and
   "(null)". Codes go through `dictionary`. */
typedef struct encoding {
    const hana_column
        *levels; /* string column: the kept levels, in byte or level order */
    const hana_column
        *outputs; /* string column: names of the outputs without the column's */
    hana_dictionary *dictionary;
    int32_t other, null; /* output of these, or -1 */
    int policy;
} encoding;

typedef struct state {
    hana_names names;
    encoding *encodings;
    int drop_first;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    for (size_t j = 0; s->encodings && j < s->names.n; j++) {
        hana_column_release(s->encodings[j].levels);
        hana_column_release(s->encodings[j].outputs);
        hana_dictionary_free(s->encodings[j].dictionary);
    }
    hana_free(s->encodings);
    hana_names_clear(&s->names);
}

/* The outputs of an encoding, made from its levels, in a string column. */
static hana_status name_outputs(encoding *e, int drop_first, hana_error *err)
{
    size_t n = hana_column_length(e->levels);
    hana_builder *builder;
    hana_column *made = NULL;
    HANA_TRY(hana_builder_new(&builder, HANA_STRING, n + 2, err));
    hana_status status = HANA_OK;
    for (size_t k = drop_first && n ? 1 : 0; status == HANA_OK && k < n; k++) {
        size_t length;
        const char *text = hana_column_string(e->levels, k, &length);
        status = hana_builder_string(builder, text, length, err);
    }
    if (status == HANA_OK && e->other >= 0)
        status = hana_builder_string(builder, "(other)", 7, err);
    if (status == HANA_OK && e->null >= 0)
        status = hana_builder_string(builder, "(null)", 6, err);
    if (status == HANA_OK) status = hana_builder_take(&made, builder, err);
    hana_builder_free(builder);
    if (status == HANA_OK) e->outputs = made;
    return status;
}

/* Levels, whether there are other and null outputs -> dictionary and names. */
static hana_status complete(encoding *e, int has_other, int has_null, int drop_first,
                            hana_error *err)
{
    size_t n = hana_column_length(e->levels), first = drop_first && n ? 1 : 0;
    e->other = has_other ? (int32_t)(n - first) : -1;
    e->null = has_null ? (int32_t)(n - first + (has_other ? 1 : 0)) : -1;
    HANA_TRY(hana_dictionary_new(&e->dictionary, err));
    HANA_TRY(hana_dictionary_add_column(e->dictionary, e->levels, err));
    return name_outputs(e, drop_first, err);
}

static hana_status learn(encoding *e, const options *o, int drop_first,
                         const hana_column *column, hana_error *err)
{
    const hana_column *category;
    HANA_TRY(hana_column_as_category(&category, column, 1, err));
    const hana_column *levels = hana_column_levels(category);
    const int32_t *codes = hana_column_codes(category);
    size_t k = hana_column_length(levels), n = hana_column_length(category), kept = 0;
    size_t *count = hana_alloc_zero(k, sizeof *count),
           *rows_kept = hana_alloc(k, sizeof *rows_kept);
    int has_other = 0;
    hana_status status = count && rows_kept ? HANA_OK : hana_fail_memory(err);
    for (size_t i = 0; status == HANA_OK && i < n; i++)
        if (!hana_column_is_null(category, i)) count[codes[i]]++;
    for (size_t c = 0; status == HANA_OK && c < k; c++) {
        if (count[c] == 0) continue;
        if (count[c] >= (size_t)o->min_count)
            rows_kept[kept++] = c;
        else
            has_other = 1;
    }
    hana_column *made = NULL;
    if (status == HANA_OK) status = hana_column_take(&made, levels, rows_kept, kept, err);
    int has_null = hana_column_nulls(category) > 0;
    hana_free(count);
    hana_free(rows_kept);
    hana_column_release(category);
    if (status != HANA_OK) return status;
    e->levels = made;
    return complete(e, has_other, has_null, drop_first, err);
}

static hana_status fit(void *pointer, const void *given, const hana_task *task,
                       hana_job *job, hana_error *err)
{
    state *s = pointer;
    const options *o = given;
    static const int inherited[] = { [HANA_LEVEL_ERROR] = ERROR,
                                     [HANA_LEVEL_OTHER] = OTHER,
                                     [HANA_LEVEL_MISSING] = MISSING };
    s->drop_first = o->drop_first || task->full_rank;
    HANA_TRY(
        hana_step_columns(&s->names, &o->columns, task, "one_hot", HANA_TYPES_TEXT, err));
    s->encodings = hana_alloc_zero(s->names.n, sizeof *s->encodings);
    if (!s->encodings) return hana_fail_memory(err);
    for (size_t j = 0; j < s->names.n; j++) {
        const hana_column *column;
        HANA_TRY(hana_job_check(job, err));
        HANA_TRY(hana_frame_get(&column, task->frame, s->names.items[j], err));
        s->encodings[j].policy =
            o->new_level == AS_MODEL ? inherited[task->roles->new_level] : o->new_level;
        HANA_TRY(learn(&s->encodings[j], o, s->drop_first, column, err));
    }
    return HANA_OK;
}

/* How a call went: levels that fit did not see are told of once. */
typedef struct unseen {
    size_t count;
    char first[64];
} unseen;

static hana_status new_level(int32_t *out, const encoding *e, const char *name,
                             const char *text, size_t length, size_t row, unseen *seen,
                             hana_error *err)
{
    if (length > sizeof seen->first - 1) length = sizeof seen->first - 1;
    if (e->policy == ERROR)
        return hana_fail(
            err, HANA_BAD_DATA,
            "one_hot: column '%s' has the level '%.*s' in row %zu, which was not "
            "seen in fit (new_level = \"other\" allows it)",
            name, (int)length, text, row + 1);
    if (seen->count++ == 0) {
        memcpy(seen->first, text, length);
        seen->first[length] = '\0';
    }
    *out = e->policy == OTHER ? e->other : e->null;
    return HANA_OK;
}

static void warn_of_unseen(const unseen *seen, const encoding *e, const char *name,
                           int drop_first, hana_job *job)
{
    int shared = (e->policy == OTHER ? e->other : e->null) >= 0;
    size_t length = 0;
    const char *first = !shared && drop_first && hana_column_length(e->levels)
                            ? hana_column_string(e->levels, 0, &length)
                            : "";
    if (length > 64) length = 64;
    hana_job_warn(job,
                  "one_hot: column '%s' has %zu rows with levels that fit did not see "
                  "('%s'): they get %s%s%.*s%s",
                  name, seen->count, seen->first, shared ? "the shared column" : "zeros",
                  length ? ", as the level '" : "", (int)length, first,
                  length ? "' does" : "");
}

/* The output of each row, -1 for none. */
static hana_status encode(int32_t *out, const state *s, size_t j,
                          const hana_column *column, hana_job *job, hana_error *err)
{
    const encoding *e = &s->encodings[j];
    const char *name = s->names.items[j];
    size_t n = hana_column_length(column);
    int32_t first = s->drop_first ? 1 : 0;
    unseen seen = { 0 };
    for (size_t i = 0; i < n; i++) {
        size_t length;
        const char *text = hana_column_string(column, i, &length);
        if (hana_column_is_null(column, i)) {
            out[i] = e->null;
            if (e->null < 0)
                HANA_TRY(new_level(&out[i], e, name, "null", 4, i, &seen, err));
            continue;
        }
        int32_t code = hana_dictionary_find(e->dictionary, text, length);
        if (code >= 0)
            out[i] = code - first; /* -1 for the level without a column */
        else if (e->other >= 0 && e->policy != MISSING)
            out[i] = e->other; /* rare in training or new: the same column */
        else
            HANA_TRY(new_level(&out[i], e, name, text, length, i, &seen, err));
    }
    if (seen.count) warn_of_unseen(&seen, e, name, s->drop_first, job);
    return HANA_OK;
}

static hana_status add_block(hana_frame_edit *edit, const char *name, const encoding *e,
                             const int32_t *codes, size_t n, hana_error *err)
{
    size_t nonzeros = 0, at = 0;
    for (size_t i = 0; i < n; i++) nonzeros += codes[i] >= 0;
    hana_sparse sparse;
    HANA_TRY(hana_sparse_new(&sparse, n, hana_column_length(e->outputs), nonzeros, err));
    sparse.start[0] = 0;
    for (size_t i = 0; i < n; i++) {
        if (codes[i] >= 0) {
            sparse.index[at] = codes[i];
            sparse.values[at++] = 1;
        }
        sparse.start[i + 1] = (int64_t)at;
    }
    hana_column *block;
    hana_status status = hana_column_from_sparse(&block, &sparse, e->outputs, err);
    hana_sparse_clear(&sparse);
    if (status == HANA_OK) status = hana_frame_edit_replace(edit, name, block, err);
    return status;
}

static hana_status add_columns(hana_frame_edit *edit, const char *name, const encoding *e,
                               const int32_t *codes, size_t n, hana_error *err)
{
    double *values = hana_alloc(n, sizeof *values);
    if (!values) return hana_fail_memory(err);
    hana_frame_edit_remove(edit, name);
    hana_status status = HANA_OK;
    for (size_t k = 0; status == HANA_OK && k < hana_column_length(e->outputs); k++) {
        size_t length;
        const char *level = hana_column_string(e->outputs, k, &length);
        hana_text full = { 0 };
        hana_text_printf(&full, "%s=%.*s", name, (int)length, level);
        for (size_t i = 0; i < n; i++) values[i] = codes[i] == (int32_t)k;
        hana_column *made;
        status = full.failed ? hana_fail_memory(err)
                             : hana_column_from_floats(&made, values, NULL, n, err);
        if (status == HANA_OK)
            status = hana_frame_edit_append(edit, full.data, made, err);
        hana_text_clear(&full);
    }
    hana_free(values);
    return status;
}

static hana_status transform(const void *pointer, const void *given, const hana_frame *in,
                             hana_frame **out, hana_job *job, hana_error *err)
{
    (void)given;
    const state *s = pointer;
    size_t n = hana_frame_rows(in);
    int32_t *codes = hana_alloc(n, sizeof *codes);
    if (!codes) return hana_fail_memory(err);
    hana_frame_edit edit = { 0 };
    hana_status status = hana_frame_edit_begin(&edit, in, err);
    for (size_t j = 0; status == HANA_OK && j < s->names.n; j++) {
        const hana_column *column;
        const encoding *e = &s->encodings[j];
        status = hana_job_check(job, err);
        if (status == HANA_OK)
            status = hana_step_column(&column, in, s->names.items[j], "one_hot",
                                      HANA_TYPES_TEXT, err);
        if (status == HANA_OK) status = encode(codes, s, j, column, job, err);
        if (status == HANA_OK)
            status = hana_column_length(e->outputs) > MOST_COLUMNS
                         ? add_block(&edit, s->names.items[j], e, codes, n, err)
                         : add_columns(&edit, s->names.items[j], e, codes, n, err);
    }
    if (status == HANA_OK) status = hana_frame_edit_finish(out, &edit, err);
    hana_frame_edit_clear(&edit);
    hana_free(codes);
    return status;
}

static hana_status add_levels(hana_export_op *op, const hana_column *levels,
                              hana_error *err)
{
    for (size_t k = 0; k < hana_column_length(levels); k++) {
        size_t length;
        const char *text = hana_column_string(levels, k, &length);
        char *level = hana_strndup(text, length);
        if (!level) return hana_fail_memory(err);
        hana_status status = hana_names_add(&op->levels, level, err);
        hana_free(level);
        HANA_TRY(status);
    }
    return HANA_OK;
}

static hana_status export_output(const state *s, size_t j, size_t k, hana_export *out,
                                 hana_error *err)
{
    const encoding *e = &s->encodings[j];
    size_t length;
    const char *level = hana_column_string(e->outputs, k, &length);
    int is_other = (int32_t)k == e->other, is_null = (int32_t)k == e->null;
    hana_export_op *op;
    HANA_TRY(hana_export_add(&op, out,
                             is_other ? HANA_EXPORT_OTHER : HANA_EXPORT_INDICATOR,
                             s->names.items[j], err));
    hana_text full = { 0 };
    hana_text_printf(&full, "%s=%.*s", s->names.items[j], (int)length, level);
    HANA_TRY(hana_text_take(&op->output, &full, err));
    if (is_other) return add_levels(op, e->levels, err);
    if (is_null) return HANA_OK;
    op->text = hana_strndup(level, length);
    return op->text ? HANA_OK : hana_fail_memory(err);
}

static hana_status export(const void *pointer, const void *given, hana_export *out,
                          hana_error *err)
{
    (void)given;
    const state *s = pointer;
    for (size_t j = 0; j < s->names.n; j++) {
        const encoding *e = &s->encodings[j];
        hana_export_op *op;
        if (e->policy == MISSING)
            return hana_fail(err, HANA_UNSUPPORTED,
                             "one_hot: new_level = \"missing\" cannot be exported");
        if (e->policy == ERROR && e->other < 0) {
            HANA_TRY(hana_export_add(&op, out, HANA_EXPORT_CHECK_LEVEL, s->names.items[j],
                                     err));
            op->a = e->null >= 0; /* null is a level too */
            HANA_TRY(add_levels(op, e->levels, err));
        }
        for (size_t k = 0; k < hana_column_length(e->outputs); k++)
            HANA_TRY(export_output(s, j, k, out, err));
        HANA_TRY(hana_export_add(&op, out, HANA_EXPORT_DROP, s->names.items[j], err));
    }
    return HANA_OK;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    size_t n = sizeof *s;
    for (size_t j = 0; j < s->names.n; j++)
        n += sizeof *s->encodings + 2 * hana_column_bytes(s->encodings[j].levels);
    return n;
}

static hana_status put_encoding(hana_writer *writer, const void *items, size_t j,
                                hana_error *err)
{
    const encoding *e = (const encoding *)items + j;
    HANA_TRY(hana_put_column(writer, "levels", e->levels, err));
    HANA_TRY(hana_put_int(writer, "other", e->other >= 0, err));
    HANA_TRY(hana_put_int(writer, "null", e->null >= 0, err));
    return hana_put_int(writer, "policy", e->policy, err);
}

static hana_status save(const void *pointer, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)job;
    const state *s = pointer;
    HANA_TRY(hana_put_names(writer, "names", &s->names, err));
    HANA_TRY(hana_put_int(writer, "drop_first", s->drop_first, err));
    return hana_put_each(writer, "columns", &s->names, put_encoding, s->encodings, err);
}

static hana_status get_encoding(hana_reader *reader, void *pointer, size_t j,
                                hana_error *err)
{
    state *s = pointer;
    encoding *e = &s->encodings[j];
    int64_t other, null, policy;
    HANA_TRY(hana_get_column(reader, "levels", &e->levels, err));
    HANA_TRY(hana_get_int(reader, "other", &other, err));
    HANA_TRY(hana_get_int(reader, "null", &null, err));
    HANA_TRY(hana_get_int(reader, "policy", &policy, err));
    if (!e->levels || hana_column_type(e->levels) != HANA_STRING || policy < ERROR ||
        policy > MISSING)
        return hana_fail(err, HANA_BAD_FORMAT, "one_hot: the saved levels are damaged");
    e->policy = (int)policy;
    return complete(e, other != 0, null != 0, s->drop_first, err);
}

static hana_status load(void *pointer, hana_reader *reader, hana_job *job,
                        hana_error *err)
{
    (void)job;
    state *s = pointer;
    int64_t drop_first;
    HANA_TRY(hana_get_names(reader, "names", &s->names, err));
    HANA_TRY(hana_get_int(reader, "drop_first", &drop_first, err));
    s->drop_first = drop_first != 0;
    s->encodings = hana_alloc_zero(s->names.n, sizeof *s->encodings);
    if (!s->encodings) return hana_fail_memory(err);
    return hana_get_each(reader, "columns", &s->names, get_encoding, s, err);
}

const hana_step hana_step_one_hot = {
    .part = { .name = "one_hot",
              .help = "A column of 0 and 1 for each level of a text or category.",
              .kind = HANA_PART_STEP,
              .version = 1,
              .options = { .size = sizeof(options),
                           .defaults = &defaults,
                           HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .transform = transform,
    .export = export,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear
};
