#include "data/keys.h"
#include "data/verbs.h"

#include <string.h>

enum { MEAN, SD, MIN, Q25, MEDIAN, Q75, MAX, N_STATISTICS };

/* What describe says of all columns: an array per column of its result. */
typedef struct profile {
    const char **names, **types;
    char **tops, **earliest, **latest;
    int64_t *n, *nulls, *distinct;
    uint8_t *has_distinct; /* a bitmap */
    double *statistics[N_STATISTICS];
    uint8_t *has_statistic[N_STATISTICS]; /* bitmaps */
} profile;

static void free_texts(char **texts, size_t n)
{
    for (size_t j = 0; texts && j < n; j++) hana_free(texts[j]);
    hana_free(texts);
}

static void profile_clear(profile *p, size_t cols)
{
    free_texts(p->tops, cols);
    free_texts(p->earliest, cols);
    free_texts(p->latest, cols);
    hana_free(p->names);
    hana_free(p->types);
    hana_free(p->n);
    hana_free(p->nulls);
    hana_free(p->distinct);
    hana_free(p->has_distinct);
    for (int s = 0; s < N_STATISTICS; s++) {
        hana_free(p->statistics[s]);
        hana_free(p->has_statistic[s]);
    }
}

static hana_status profile_room(profile *p, size_t cols, hana_error *err)
{
    p->names = hana_alloc_zero(cols, sizeof *p->names);
    p->types = hana_alloc_zero(cols, sizeof *p->types);
    p->tops = hana_alloc_zero(cols, sizeof *p->tops);
    p->earliest = hana_alloc_zero(cols, sizeof *p->earliest);
    p->latest = hana_alloc_zero(cols, sizeof *p->latest);
    p->n = hana_alloc_zero(cols, sizeof *p->n);
    p->nulls = hana_alloc_zero(cols, sizeof *p->nulls);
    p->distinct = hana_alloc_zero(cols, sizeof *p->distinct);
    p->has_distinct = hana_alloc_zero(hana_bitmap_bytes(cols), 1);
    int complete = p->names && p->types && p->tops && p->earliest && p->latest && p->n &&
                   p->nulls && p->distinct && p->has_distinct;
    for (int s = 0; s < N_STATISTICS; s++) {
        p->statistics[s] = hana_alloc_zero(cols, sizeof *p->statistics[s]);
        p->has_statistic[s] = hana_alloc_zero(hana_bitmap_bytes(cols), 1);
        complete = complete && p->statistics[s] && p->has_statistic[s];
    }
    return complete ? HANA_OK : hana_fail_memory(err);
}

/* The aggregates of expressions, so that describe and summarize say the same. */
static const struct {
    const char *aggregate;
    double share; /* of a quantile */
} statistics[N_STATISTICS] = {
    [MEAN] = { "mean", -1 },     [SD] = { "sd", -1 },
    [MIN] = { "min", -1 },       [Q25] = { "quantile", 0.25 },
    [MEDIAN] = { "median", -1 }, [Q75] = { "quantile", 0.75 },
    [MAX] = { "max", -1 },
};

static hana_status measure_numbers(profile *p, size_t j, const hana_column *column,
                                   hana_job *job, hana_error *err)
{
    for (int s = 0; s < N_STATISTICS; s++) {
        hana_value share = hana_value_number(statistics[s].share);
        hana_column *cell;
        HANA_TRY(hana_column_aggregate(&cell, statistics[s].aggregate, column, &share,
                                       statistics[s].share >= 0, job, err));
        if (!hana_column_is_null(cell, 0)) {
            p->statistics[s][j] = hana_column_number(cell, 0);
            hana_bit_set(p->has_statistic[s], j);
        }
        hana_column_release(cell);
    }
    return HANA_OK;
}

/* The share of true ones is what a mean of bools is. */
static void measure_bools(profile *p, size_t j, const hana_column *column)
{
    size_t n = hana_column_length(column), present = n - hana_column_nulls(column),
           hits = 0;
    for (size_t i = 0; i < n; i++) {
        hits += !hana_column_is_null(column, i) && hana_bit(hana_column_bits(column), i);
    }
    if (present == 0) return;
    p->statistics[MEAN][j] = (double)hits / (double)present;
    hana_bit_set(p->has_statistic[MEAN], j);
}

/* The text of a minimum or maximum of times; none when there is no time at all. */
static hana_status time_text(char **out, const char *aggregate, const hana_column *column,
                             hana_job *job, hana_error *err)
{
    hana_column *cell, *text = NULL;
    HANA_TRY(hana_column_aggregate(&cell, aggregate, column, NULL, 0, job, err));
    hana_status status = hana_column_cast(&text, cell, HANA_STRING, NULL, err);
    hana_column_release(cell);
    HANA_TRY(status);
    if (!hana_column_is_null(text, 0)) {
        size_t length;
        const char *bytes = hana_column_string(text, 0, &length);
        *out = hana_strndup(bytes, length);
        if (!*out) status = hana_fail_memory(err);
    }
    hana_column_release(text);
    return status;
}

static hana_status measure_times(profile *p, size_t j, const hana_column *column,
                                 hana_job *job, hana_error *err)
{
    HANA_TRY(time_text(&p->earliest[j], "min", column, job, err));
    return time_text(&p->latest[j], "max", column, job, err);
}

/* How many rows each group has; the caller's, NULL without memory. */
static size_t *sizes(const size_t *group_of_row, size_t rows, size_t n_groups)
{
    size_t *count = hana_alloc_zero(n_groups, sizeof *count);
    for (size_t i = 0; count && i < rows; i++) count[group_of_row[i]]++;
    return count;
}

static int comes_before(const char *a, size_t n, const char *b, size_t m)
{
    size_t shorter = n < m ? n : m;
    int order = shorter ? memcmp(a, b, shorter) : 0;
    return order < 0 || (order == 0 && n < m);
}

/* The most frequent text, of several the first by bytes; NULL when there is none. */
static hana_status most_frequent(char **out, const hana_column *column,
                                 const size_t *count, const size_t *first,
                                 size_t n_groups, hana_error *err)
{
    const char *best = NULL;
    size_t best_length = 0, most = 0;
    for (size_t g = 0; g < n_groups; g++) {
        if (count[g] < most || hana_column_is_null(column, first[g])) continue;
        size_t length;
        const char *text = hana_column_string(column, first[g], &length);
        if (count[g] == most && !comes_before(text, length, best, best_length)) continue;
        most = count[g];
        best = text;
        best_length = length;
    }
    if (!best) return HANA_OK;
    *out = hana_strndup(best, best_length);
    return *out ? HANA_OK : hana_fail_memory(err);
}

/* The distinct texts and the most frequent one. */
static hana_status measure_texts(profile *p, size_t j, const hana_frame *frame,
                                 hana_job *job, hana_error *err)
{
    const hana_column *column = hana_frame_column(frame, j);
    hana_names key = { 0 };
    hana_keys keys = { 0 };
    size_t *group_of_row = NULL, *first = NULL, *count = NULL, n_groups;
    hana_status status;
    HANA_GOTO(done, hana_names_add(&key, p->names[j], err));
    HANA_GOTO(done, hana_keys_make(&keys, frame, &key, NULL, 0, err));
    HANA_GOTO(done, hana_keys_number(&group_of_row, &first, &n_groups, &keys, job, err));
    p->distinct[j] = (int64_t)n_groups - (p->nulls[j] > 0);
    count = sizes(group_of_row, keys.rows, n_groups);
    status = count ? most_frequent(&p->tops[j], column, count, first, n_groups, err)
                   : hana_fail_memory(err);
done:
    hana_names_clear(&key);
    hana_keys_clear(&keys);
    hana_free(group_of_row);
    hana_free(first);
    hana_free(count);
    return status;
}

static hana_status count_distinct(profile *p, size_t j, const hana_column *column,
                                  hana_error *err)
{
    hana_column *unique;
    HANA_TRY(hana_column_unique(&unique, column, err));
    p->distinct[j] = (int64_t)hana_column_length(unique);
    hana_column_release(unique);
    return HANA_OK;
}

static hana_status describe_column(profile *p, size_t j, const hana_frame *frame,
                                   hana_job *job, hana_error *err)
{
    const hana_column *column = hana_frame_column(frame, j);
    hana_type type = hana_column_type(column);
    p->names[j] = hana_frame_name(frame, j);
    p->types[j] = hana_type_name(type);
    p->nulls[j] = (int64_t)hana_column_nulls(column);
    p->n[j] = (int64_t)hana_column_length(column) - p->nulls[j];
    if (type == HANA_BLOCK) return HANA_OK;
    hana_bit_set(p->has_distinct, j);
    if (type == HANA_STRING || type == HANA_CATEGORY) {
        return measure_texts(p, j, frame, job, err);
    }
    HANA_TRY(count_distinct(p, j, column, err));
    if (type == HANA_FLOAT || type == HANA_INT)
        return measure_numbers(p, j, column, job, err);
    if (type == HANA_DATE || type == HANA_DATETIME)
        return measure_times(p, j, column, job, err);
    if (type == HANA_BOOL) measure_bools(p, j, column);
    return HANA_OK;
}

static hana_status profile_frame(hana_frame **out, const profile *p, size_t cols,
                                 hana_error *err)
{
    enum { BEFORE = 5, TEXTS = BEFORE + N_STATISTICS, ALL = TEXTS + 3 };
    static const char *const names[ALL] = { "name", "type", "n",   "nulls",    "distinct",
                                            "mean", "sd",   "min", "q25",      "median",
                                            "q75",  "max",  "top", "earliest", "latest" };
    char **const texts[] = { p->tops, p->earliest, p->latest };
    const hana_column *columns[ALL] = { 0 };
    hana_column *made;
    hana_status status;
    HANA_GOTO(done, hana_column_from_strings(&made, p->names, cols, err));
    columns[0] = made;
    HANA_GOTO(done, hana_column_from_strings(&made, p->types, cols, err));
    columns[1] = made;
    HANA_GOTO(done, hana_column_from_ints(&made, p->n, NULL, cols, err));
    columns[2] = made;
    HANA_GOTO(done, hana_column_from_ints(&made, p->nulls, NULL, cols, err));
    columns[3] = made;
    HANA_GOTO(done,
              hana_column_from_ints(&made, p->distinct, p->has_distinct, cols, err));
    columns[4] = made;
    for (int s = 0; s < N_STATISTICS; s++) {
        HANA_GOTO(done, hana_column_from_floats(&made, p->statistics[s],
                                                p->has_statistic[s], cols, err));
        columns[BEFORE + s] = made;
    }
    for (int t = 0; TEXTS + t < ALL; t++) {
        HANA_GOTO(done, hana_column_from_strings(&made, (const char *const *)texts[t],
                                                 cols, err));
        columns[TEXTS + t] = made;
    }
    status = hana_frame_new(out, names, columns, ALL, cols, err);
done:
    for (int c = 0; c < ALL; c++) hana_column_release(columns[c]);
    return status;
}

hana_status hana_frame_describe(hana_frame **out, const hana_frame *frame, hana_job *job,
                                hana_error *err)
{
    size_t cols = hana_frame_cols(frame);
    profile p = { 0 };
    hana_status status = profile_room(&p, cols, err);
    for (size_t j = 0; j < cols && status == HANA_OK; j++) {
        status = describe_column(&p, j, frame, job, err);
    }
    if (status == HANA_OK) status = profile_frame(out, &p, cols, err);
    profile_clear(&p, cols);
    return status;
}
