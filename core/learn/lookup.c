#include "base/weighted.h"
#include "data/dictionary.h"
#include "learn/estimator.h"
#include "learn/step_columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Looks the answer up: a statistic of the target over the past rows with the same keys.
   No hit, or a null key, predicts null. */

enum { AUTO, MEAN, MEDIAN, MODE, MIN, MAX };
static const char *const statistics[] = { "auto", "mean", "median", "mode",
                                          "min",  "max",  NULL };

typedef struct options {
    hana_columns keys;
    char *latest_by;
    int statistic;
} options;

static const hana_option rows[] = {
    HANA_OPTION_COLUMNS(options, keys, .help = "the columns that must agree",
                        .flags = HANA_REQUIRED),
    HANA_OPTION_TEXT(options, latest_by,
                     .help = "only the rows with the latest value of this column count"),
    HANA_OPTION_CHOICE(options, statistic, .choices = statistics,
                       .help = "of the target; auto: median of numbers, mode of classes"),
};

typedef struct state {
    hana_names keys;
    hana_dictionary *table; /* composed key -> number */
    double *values;         /* of that number: the target's value, or its class code */
    size_t n;
} state;

static void clear(void *pointer)
{
    state *s = pointer;
    hana_names_clear(&s->keys);
    hana_dictionary_free(s->table);
    hana_free(s->values);
}

/* The key of a row as one text: each part with its length, so that parts cannot run
   together; equal int and float values give the same text. 0 when a part is null. */
static int compose(hana_text *out, const hana_column *const *columns, size_t n,
                   size_t row)
{
    out->length = 0;
    for (size_t j = 0; j < n; j++) {
        if (hana_column_is_null(columns[j], row)) return 0;
        hana_type type = hana_column_type(columns[j]);
        if (type == HANA_STRING || type == HANA_CATEGORY) {
            size_t length;
            const char *text = hana_column_string(columns[j], row, &length);
            hana_text_printf(out, "%zu:", length);
            hana_text_add(out, text, length);
            continue;
        }
        double x = hana_column_number(columns[j], row);
        if (type == HANA_INT || type == HANA_DATETIME)
            if (x != (double)(int64_t)x || fabs(x) > 9007199254740992.0) {
                hana_text_printf(out,
                                 "i%lld:", (long long)hana_column_ints(columns[j])[row]);
                continue;
            }
        if (isnan(x)) return 0;
        if (x == 0) x = 0; /* -0.0 and 0.0 are one key */
        hana_text_add(out, (const char *)&x, sizeof x);
    }
    return 1;
}

static hana_status find_keys(const hana_column **out, const hana_names *keys,
                             const hana_frame *frame, hana_error *err)
{
    unsigned types = HANA_TYPES_ANY & ~(unsigned)(1 << HANA_BLOCK);
    for (size_t j = 0; j < keys->n; j++)
        HANA_TRY(hana_step_column(&out[j], frame, keys->items[j], "lookup", types, err));
    return HANA_OK;
}

/* A row with a key: which, when, what. */
typedef struct entry {
    int32_t key;
    double when;
    hana_weighted answer;
} entry;

static int by_key(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->when != y->when) return x->when < y->when ? 1 : -1; /* the latest first */
    return (x->answer.value > y->answer.value) - (x->answer.value < y->answer.value);
}

/* A statistic of values in ascending order. */
static double summarize(const hana_weighted *sorted, size_t n, int statistic)
{
    double total = 0, sum = 0;
    if (statistic == MIN) return sorted[0].value;
    if (statistic == MAX) return sorted[n - 1].value;
    if (statistic == MEDIAN) return hana_weighted_median(sorted, n);
    if (statistic == MODE) return hana_weighted_mode(sorted, n);
    for (size_t i = 0; i < n; i++) {
        total += sorted[i].weight;
        sum += sorted[i].weight * sorted[i].value;
    }
    return sum / total;
}

static hana_status check_latest(const hana_column **out, const options *o,
                                const hana_frame *frame, hana_error *err)
{
    if (!o->latest_by) return HANA_OK;
    return hana_step_column(out, frame, o->latest_by, "lookup",
                            HANA_TYPES_NUMBER | 1 << HANA_DATE | 1 << HANA_DATETIME, err);
}

/* The rows with a label and a whole key. */
static hana_status gather(entry *entries, size_t *n, state *s, const options *o,
                          const hana_task *task, const hana_column *const *columns,
                          hana_error *err)
{
    const hana_column *latest = NULL;
    HANA_TRY(check_latest(&latest, o, task->frame, err));
    hana_text key = { 0 };
    hana_status status = HANA_OK;
    for (size_t i = 0; status == HANA_OK && i < task->rows; i++) {
        double value = task->codes ? (task->codes[i] < 0 ? (double)NAN : task->codes[i])
                                   : task->y[i];
        double weight = task->weights ? task->weights[i] : 1;
        double when = latest ? hana_column_number(latest, i) : 0;
        if (isnan(value) || isnan(when) || weight == 0 ||
            !compose(&key, columns, s->keys.n, i))
            continue;
        entry *e = &entries[*n];
        *e = (entry){ .when = when, .answer = { .value = value, .weight = weight } };
        status = key.failed
                     ? hana_fail_memory(err)
                     : hana_dictionary_code(&e->key, s->table, key.data ? key.data : "",
                                            key.length, err);
        (*n)++;
    }
    hana_text_clear(&key);
    return status;
}

static hana_status fit(void *pointer, const hana_spec *spec, const hana_task *task,
                       hana_fit_facts *facts, hana_job *job, hana_error *err)
{
    (void)facts, (void)job;
    state *s = pointer;
    const options *o = hana_spec_options(spec);
    int classes = task->target.task == HANA_CLASSIFICATION;
    int statistic = o->statistic != AUTO ? o->statistic : classes ? MODE : MEDIAN;
    if (task->target.task == HANA_NO_TARGET)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "lookup needs a target: fit(df, \"column\")");
    if (classes && statistic != MODE)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "lookup: statistic '%s' is for numbers, and the target has classes",
            statistics[statistic]);
    HANA_TRY(hana_columns_resolve(&s->keys, &o->keys, task->frame, NULL, err));
    if (s->keys.n == 0)
        return hana_fail(err, HANA_BAD_ARGUMENT, "lookup: option 'keys' names no column");
    HANA_TRY(hana_dictionary_new(&s->table, err));
    const hana_column **columns = hana_alloc(s->keys.n, sizeof *columns);
    entry *entries = hana_alloc(task->rows, sizeof *entries);
    hana_weighted *answers = hana_alloc(task->rows, sizeof *answers);
    size_t n = 0;
    hana_status status = columns && entries && answers
                             ? find_keys(columns, &s->keys, task->frame, err)
                             : hana_fail_memory(err);
    if (status == HANA_OK) status = gather(entries, &n, s, o, task, columns, err);
    if (status == HANA_OK) {
        s->n = hana_dictionary_size(s->table);
        s->values = hana_alloc(s->n, sizeof *s->values);
        if (!s->values) status = hana_fail_memory(err);
    }
    if (status == HANA_OK) {
        qsort(entries, n, sizeof *entries, by_key);
        for (size_t i = 0; i < n; i++) answers[i] = entries[i].answer;
        for (size_t i = 0; i < n;) {
            size_t from = i, latest = 0;
            for (; i < n && entries[i].key == entries[from].key; i++)
                latest += entries[i].when == entries[from].when;
            s->values[entries[from].key] = summarize(answers + from, latest, statistic);
        }
    }
    hana_free(columns);
    hana_free(entries);
    hana_free(answers);
    return status;
}

static hana_status predict(const hana_fitted *fitted, const hana_frame *frame,
                           hana_want want, hana_matrix *out, hana_job *job,
                           hana_error *err)
{
    (void)want, (void)job;
    const state *s = hana_fitted_state(fitted);
    const hana_column **columns = hana_alloc(s->keys.n, sizeof *columns);
    if (!columns) return hana_fail_memory(err);
    hana_text key = { 0 };
    hana_status status = find_keys(columns, &s->keys, frame, err);
    for (size_t i = 0; status == HANA_OK && i < out->rows; i++) {
        out->data[i] = (double)NAN;
        if (!compose(&key, columns, s->keys.n, i)) continue;
        if (key.failed) status = hana_fail_memory(err);
        int32_t code =
            hana_dictionary_find(s->table, key.data ? key.data : "", key.length);
        if (code >= 0) out->data[i] = s->values[code];
    }
    hana_text_clear(&key);
    hana_free(columns);
    return status;
}

static int has_proba(const hana_fitted *fitted)
{
    (void)fitted;
    return 0;
}

static size_t bytes(const void *pointer)
{
    const state *s = pointer;
    return sizeof *s + s->n * (sizeof(double) + 32);
}

static hana_status save(const hana_fitted *fitted, hana_writer *writer, hana_job *job,
                        hana_error *err)
{
    (void)job;
    const state *s = hana_fitted_state(fitted);
    HANA_TRY(hana_put_names(writer, "keys", &s->keys, err));
    HANA_TRY(hana_put_doubles(writer, "values", s->values, s->n, err));
    int64_t *ends = hana_alloc(s->n, sizeof *ends);
    if (!ends) return hana_fail_memory(err);
    hana_text all = { 0 };
    for (size_t k = 0; k < s->n; k++) {
        size_t length;
        const char *text = hana_dictionary_text(s->table, (int32_t)k, &length);
        hana_text_add(&all, text, length);
        ends[k] = (int64_t)all.length;
    }
    hana_status status =
        all.failed
            ? hana_fail_memory(err)
            : hana_put_bytes(writer, "table", all.data ? all.data : "", all.length, err);
    if (status == HANA_OK) status = hana_put_ints(writer, "ends", ends, s->n, err);
    hana_text_clear(&all);
    hana_free(ends);
    return status;
}

static hana_status load_table(state *s, const char *bytes_read, size_t length,
                              const int64_t *ends, size_t n, hana_error *err)
{
    int64_t from = 0;
    for (size_t k = 0; k < n; k++) {
        int32_t code;
        if (ends[k] < from || (size_t)ends[k] > length)
            return hana_fail(err, HANA_BAD_FORMAT, "lookup: the saved table is damaged");
        HANA_TRY(hana_dictionary_code(&code, s->table, bytes_read + from,
                                      (size_t)(ends[k] - from), err));
        from = ends[k];
    }
    if (hana_dictionary_size(s->table) != n)
        return hana_fail(err, HANA_BAD_FORMAT, "lookup: the saved table is damaged");
    return HANA_OK;
}

static hana_status load(void *pointer, const hana_spec *spec, hana_reader *reader,
                        hana_job *job, hana_error *err)
{
    (void)spec, (void)job;
    state *s = pointer;
    void *table = NULL;
    int64_t *ends = NULL;
    size_t length = 0, n = 0;
    HANA_TRY(hana_get_names(reader, "keys", &s->keys, err));
    HANA_TRY(hana_get_doubles(reader, "values", &s->values, &s->n, err));
    HANA_TRY(hana_dictionary_new(&s->table, err));
    hana_status status = hana_get_bytes(reader, "table", &table, &length, err);
    if (status == HANA_OK) status = hana_get_ints(reader, "ends", &ends, &n, err);
    if (status == HANA_OK && n != s->n)
        status = hana_fail(err, HANA_BAD_FORMAT, "lookup: the saved table is damaged");
    if (status == HANA_OK) status = load_table(s, table, length, ends, n, err);
    hana_free(table);
    hana_free(ends);
    return status;
}

const hana_estimator hana_lookup = {
    .part = { .name = "lookup",
              .help = "Looks the answer up among past rows with the same keys; null "
                      "without a hit.",
              .kind = HANA_PART_ESTIMATOR,
              .version = 1,
              .tags = HANA_TAG_REGRESSION | HANA_TAG_CLASSIFICATION | HANA_TAG_MISSING |
                      HANA_TAG_KEEPS_ROWS | HANA_TAG_UNLABELED,
              .options = { .size = sizeof(options), HANA_ROWS(rows) } },
    .state_size = sizeof(state),
    .fit = fit,
    .predict = predict,
    .has_proba = has_proba,
    .bytes = bytes,
    .save = save,
    .load = load,
    .clear = clear
};
