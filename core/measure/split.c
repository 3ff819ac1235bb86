#include "measure/split.h"

#include "base/random.h"
#include "base/text.h"
#include "measure/codes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

hana_status hana_group_codes(int64_t *out, size_t *n_groups, const hana_column *column,
                             hana_error *err)
{
    size_t n = hana_column_length(column), nulls = hana_column_nulls(column);
    if (nulls > 0)
        return hana_fail(err, HANA_BAD_DATA, "%zu rows have no group: it is null", nulls);
    hana_column *values;
    HANA_TRY(hana_column_unique(&values, column, err));
    int32_t *codes = hana_alloc(n, sizeof *codes);
    hana_status status =
        codes ? hana_codes_in(codes, column, values, err) : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t i = 0; i < n; i++) out[i] = codes[i];
        *n_groups = hana_column_length(values);
    }
    hana_free(codes);
    hana_column_release(values);
    return status;
}

enum { TRAIN, VALID, TEST, N_PARTS, TRIES = 32, FEW_TRIES = 4, MANY_ROWS = 1000000 };

typedef struct splitting {
    const hana_frame *frame;
    const hana_split_options *options;
    size_t n, size[N_PARTS];
    uint8_t *part;    /* of each row */
    int32_t *stratum; /* of each row, 0 .. strata - 1 */
    size_t strata;
    int64_t *group; /* NULL: every row for itself */
    size_t groups;
    hana_stream stream;
} splitting;

/* Rows that a share of all or a number means. */
static hana_status size_of(size_t *out, const char *name, double asked, size_t n,
                           hana_error *err)
{
    char text[HANA_NUMBER_SIZE];
    hana_print_double(text, asked, 0);
    if (!(asked > 0) || !isfinite(asked) || (asked > 1 && asked != floor(asked)))
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "%s must be a share of the rows below 1 or a number of rows, got %s", name,
            text);
    double rows = asked < 1 ? floor(asked * (double)n + 0.5) : asked;
    if (rows < 1) rows = 1;
    if (rows >= (double)n)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "%s = %s of %zu rows leaves nothing to train on", name, text, n);
    *out = (size_t)rows;
    return HANA_OK;
}

static hana_status find_sizes(splitting *s, hana_error *err)
{
    HANA_TRY(size_of(&s->size[TEST], "test", s->options->test, s->n, err));
    if (s->options->valid != 0)
        HANA_TRY(size_of(&s->size[VALID], "valid", s->options->valid, s->n, err));
    if (s->size[TEST] + s->size[VALID] >= s->n)
        return hana_fail(
            err, HANA_BAD_ARGUMENT,
            "test and valid take %zu of %zu rows: nothing is left to train on",
            s->size[TEST] + s->size[VALID], s->n);
    s->size[TRAIN] = s->n - s->size[TEST] - s->size[VALID];
    return HANA_OK;
}

/* Nulls are a stratum of their own. */
static hana_status find_strata(splitting *s, hana_error *err)
{
    s->stratum = hana_alloc_zero(s->n, sizeof *s->stratum);
    if (!s->stratum) return hana_fail_memory(err);
    s->strata = 1;
    const char *name = s->options->stratify;
    if (!name) return HANA_OK;
    const hana_column *column;
    HANA_TRY(hana_frame_get(&column, s->frame, name, err));
    hana_type type = hana_column_type(column);
    if (type == HANA_FLOAT || type == HANA_BLOCK)
        return hana_fail(err, HANA_BAD_TYPE,
                         "cannot stratify by column '%s': it is %s, not classes", name,
                         hana_type_name(type));
    hana_column *values;
    HANA_TRY(hana_column_unique(&values, column, err));
    hana_status status = hana_codes_in(s->stratum, column, values, err);
    size_t classes = hana_column_length(values);
    hana_column_release(values);
    for (size_t i = 0; i < s->n && status == HANA_OK; i++)
        if (s->stratum[i] < 0) s->stratum[i] = (int32_t)classes;
    s->strata = classes + 1;
    return status;
}

static hana_status find_groups(splitting *s, hana_error *err)
{
    const char *name = s->options->group;
    if (!name) return HANA_OK;
    const hana_column *column;
    HANA_TRY(hana_frame_get(&column, s->frame, name, err));
    s->group = hana_alloc(s->n, sizeof *s->group);
    if (!s->group) return hana_fail_memory(err);
    hana_status status = hana_group_codes(s->group, &s->groups, column, err);
    if (status != HANA_OK) return hana_fail_prefix(err, status, "column '%s': ", name);
    size_t need = s->options->valid != 0 ? 3 : 2;
    if (s->groups < need)
        return hana_fail(err, HANA_BAD_DATA,
                         "column '%s' has %zu groups, the split needs %zu", name,
                         s->groups, need);
    return HANA_OK;
}

typedef struct leftover {
    double rest;
    size_t stratum;
} leftover;

static int by_rest(const void *a, const void *b)
{
    const leftover *x = a, *y = b;
    if (x->rest != y->rest) return x->rest > y->rest ? -1 : 1;
    return (x->stratum > y->stratum) - (x->stratum < y->stratum);
}

/* How many rows of each stratum a part of `size` rows gets: its share, largest remainders
   first, never more than what is free. */
static void apportion(size_t *quota, leftover *rests, const size_t *count,
                      const size_t *available, size_t strata, size_t size, size_t n)
{
    size_t given = 0;
    for (size_t c = 0; c < strata; c++) {
        double share = (double)count[c] * (double)size / (double)n;
        quota[c] = (size_t)share;
        if (quota[c] > available[c]) quota[c] = available[c];
        given += quota[c];
        rests[c] = (leftover){ .rest = share - floor(share), .stratum = c };
    }
    qsort(rests, strata, sizeof *rests, by_rest);
    while (given < size) {
        size_t before = given;
        for (size_t k = 0; k < strata && given < size; k++) {
            size_t c = rests[k].stratum;
            if (quota[c] >= available[c]) continue;
            quota[c]++;
            given++;
        }
        if (given == before) break;
    }
}

/* Rows in random order; each stratum fills its quota of the test rows, then of the
 * validation rows. */
static hana_status split_rows(splitting *s, hana_error *err)
{
    hana_status status = HANA_OK;
    size_t *rows = hana_alloc(s->n, sizeof *rows);
    size_t *count = hana_alloc_zero(s->strata, sizeof *count);
    size_t *available = hana_alloc_zero(s->strata, sizeof *available);
    size_t *quota = hana_alloc_zero(N_PARTS * s->strata, sizeof *quota);
    leftover *rests = hana_alloc(s->strata, sizeof *rests);
    if (!rows || !count || !available || !quota || !rests)
        HANA_GOTO(done, hana_fail_memory(err));
    for (size_t i = 0; i < s->n; i++) {
        rows[i] = i;
        count[s->stratum[i]]++;
        available[s->stratum[i]]++;
    }
    for (int p = TEST; p >= VALID; p--) {
        size_t *own = quota + (size_t)p * s->strata;
        apportion(own, rests, count, available, s->strata, s->size[p], s->n);
        for (size_t c = 0; c < s->strata; c++) available[c] -= own[c];
    }
    hana_stream_shuffle(&s->stream, rows, s->n);
    for (size_t k = 0; k < s->n; k++) {
        size_t i = rows[k], c = (size_t)s->stratum[i];
        int p = quota[TEST * s->strata + c] > 0    ? TEST
                : quota[VALID * s->strata + c] > 0 ? VALID
                                                   : TRAIN;
        s->part[i] = (uint8_t)p;
        if (p != TRAIN) quota[(size_t)p * s->strata + c]--;
    }
done:
    hana_free(rows);
    hana_free(count);
    hana_free(available);
    hana_free(quota);
    hana_free(rests);
    return status;
}

/* Whole groups in random order fill the test rows, then the validation rows; a group that
   would overshoot by more than what is missing is left for training. Every part gets a
   group. */
static void fill_parts(const splitting *s, const size_t *order, const size_t *group_size,
                       uint8_t *part)
{
    size_t filled[N_PARTS] = { 0 };
    memset(part, TRAIN, s->groups);
    for (int p = TEST; p >= VALID; p--) {
        for (size_t k = 0; k < s->groups && filled[p] < s->size[p]; k++) {
            size_t g = order[k], missing = s->size[p] - filled[p];
            if (part[g] != TRAIN) continue;
            if (filled[p] > 0 && group_size[g] > 2 * missing) continue;
            part[g] = (uint8_t)p;
            filled[p] += group_size[g];
        }
    }
}

/* How far the parts are from their sizes and shares of each stratum, in rows; less is
 * better. */
static double misfit(const splitting *s, const uint8_t *part, double *have,
                     const double *count)
{
    memset(have, 0, N_PARTS * s->strata * sizeof *have);
    double size[N_PARTS] = { 0 }, sum = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t p = part[s->group[i]];
        have[p * s->strata + (size_t)s->stratum[i]]++;
        size[p]++;
    }
    for (size_t p = 0; p < N_PARTS; p++) {
        if (s->size[p] > 0 && size[p] == 0) return INFINITY;
        for (size_t c = 0; c < s->strata; c++) {
            double want = count[c] * (double)s->size[p] / (double)s->n;
            sum += fabs(have[p * s->strata + c] - want);
        }
    }
    return sum;
}

static hana_status split_groups(splitting *s, hana_error *err)
{
    hana_status status = HANA_OK;
    size_t *order = hana_alloc(s->groups, sizeof *order);
    size_t *group_size = hana_alloc_zero(s->groups, sizeof *group_size);
    uint8_t *part = hana_alloc(s->groups, 1), *best = hana_alloc(s->groups, 1);
    double *have = hana_alloc(N_PARTS * s->strata, sizeof *have);
    double *count = hana_alloc_zero(s->strata, sizeof *count), least = INFINITY;
    if (!order || !group_size || !part || !best || !have || !count)
        HANA_GOTO(done, hana_fail_memory(err));
    for (size_t i = 0; i < s->n; i++) {
        group_size[s->group[i]]++;
        count[s->stratum[i]]++;
    }
    for (size_t g = 0; g < s->groups; g++) order[g] = g;
    int tries = s->n < MANY_ROWS ? TRIES : FEW_TRIES;
    for (int try = 0; try < tries; try++) {
        hana_stream_shuffle(&s->stream, order, s->groups);
        fill_parts(s, order, group_size, part);
        double fit = misfit(s, part, have, count);
        if (fit >= least) continue;
        least = fit;
        memcpy(best, part, s->groups);
    }
    if (isinf(least))
        HANA_GOTO(done,
                  hana_fail(err, HANA_BAD_DATA,
                            "the groups of column '%s' are too large for this split",
                            s->options->group));
    for (size_t i = 0; i < s->n; i++) s->part[i] = best[s->group[i]];
done:
    hana_free(order);
    hana_free(group_size);
    hana_free(part);
    hana_free(best);
    hana_free(have);
    hana_free(count);
    return status;
}

typedef struct moment {
    double coarse; /* floats and dates */
    int64_t fine;  /* ints and datetimes */
    size_t row;
} moment;

static int by_moment(const void *a, const void *b)
{
    const moment *x = a, *y = b;
    if (x->coarse != y->coarse) return x->coarse < y->coarse ? -1 : 1;
    if (x->fine != y->fine) return x->fine < y->fine ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int same_moment(const moment *x, const moment *y)
{
    return x->coarse == y->coarse && x->fine == y->fine;
}

/* A share of the rows need not be exact: the cut moves to the nearest place between two
   different times, so that no moment is on both sides. */
static size_t cut_at(const moment *order, size_t n, size_t cut, int exact)
{
    if (exact) return cut;
    for (size_t step = 0; step < n; step++) {
        if (cut + step < n && !same_moment(&order[cut + step - 1], &order[cut + step]))
            return cut + step;
        if (cut > step + 1 && !same_moment(&order[cut - step - 1], &order[cut - step]))
            return cut - step;
    }
    return cut;
}

static hana_status read_moments(moment *order, const splitting *s, hana_error *err)
{
    const char *name = s->options->by_time;
    const hana_column *column;
    HANA_TRY(hana_frame_get(&column, s->frame, name, err));
    hana_type type = hana_column_type(column);
    if (type != HANA_DATE && type != HANA_DATETIME && type != HANA_INT &&
        type != HANA_FLOAT)
        return hana_fail(err, HANA_BAD_TYPE,
                         "column '%s' is %s, expected date, datetime or a number", name,
                         hana_type_name(type));
    const int64_t *ints = hana_column_ints(column);
    size_t unknown = 0;
    for (size_t i = 0; i < s->n; i++) {
        double value = ints ? 0 : hana_column_number(column, i);
        unknown += hana_column_is_null(column, i) || isnan(value);
        order[i] = (moment){ .coarse = value, .fine = ints ? ints[i] : 0, .row = i };
    }
    if (unknown > 0)
        return hana_fail(err, HANA_BAD_DATA,
                         "column '%s' is null in %zu rows: when were they?", name,
                         unknown);
    return HANA_OK;
}

static hana_status split_by_time(splitting *s, hana_error *err)
{
    moment *order = hana_alloc(s->n, sizeof *order);
    if (!order) return hana_fail_memory(err);
    hana_status status = read_moments(order, s, err);
    if (status == HANA_OK) {
        qsort(order, s->n, sizeof *order, by_moment);
        size_t test = cut_at(order, s->n, s->n - s->size[TEST], s->options->test >= 1);
        size_t valid = test;
        if (s->size[VALID] > 0 && test > s->size[VALID])
            valid = cut_at(order, test, test - s->size[VALID], s->options->valid >= 1);
        for (size_t k = 0; k < s->n; k++)
            s->part[order[k].row] = (uint8_t)(k >= test    ? TEST
                                              : k >= valid ? VALID
                                                           : TRAIN);
    }
    hana_free(order);
    return status;
}

static hana_status take_part(hana_frame **out, const splitting *s, int part, size_t *rows,
                             hana_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        if (s->part[i] == part) rows[n++] = i;
    return hana_frame_take(out, s->frame, rows, n, err);
}

static hana_status take_parts(hana_frame **parts, const splitting *s, hana_error *err)
{
    size_t *rows = hana_alloc(s->n, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (int p = 0; p < N_PARTS && status == HANA_OK; p++)
        if (p != VALID || s->options->valid != 0)
            status = take_part(&parts[p], s, p, rows, err);
    hana_free(rows);
    return status;
}

static hana_status split(hana_frame **parts, splitting *s, hana_error *err)
{
    HANA_TRY(find_sizes(s, err));
    HANA_TRY(find_strata(s, err));
    HANA_TRY(find_groups(s, err));
    s->part = hana_alloc_zero(s->n, 1);
    if (!s->part) return hana_fail_memory(err);
    if (s->options->by_time)
        HANA_TRY(split_by_time(s, err));
    else if (s->group)
        HANA_TRY(split_groups(s, err));
    else
        HANA_TRY(split_rows(s, err));
    return take_parts(parts, s, err);
}

hana_status hana_frame_split(hana_frame **train, hana_frame **valid, hana_frame **test,
                             const hana_frame *frame, const hana_split_options *options,
                             hana_error *err)
{
    if (options->by_time && (options->stratify || options->group))
        return hana_fail(err, HANA_UNSUPPORTED,
                         "by_time goes with neither stratify nor group");
    hana_frame *parts[N_PARTS] = { NULL };
    splitting s = { .frame = frame, .options = options, .n = hana_frame_rows(frame) };
    hana_stream_init(&s.stream, hana_seed_child(options->seed, "split", 0));
    hana_status status = split(parts, &s, err);
    hana_free(s.part);
    hana_free(s.stratum);
    hana_free(s.group);
    if (status != HANA_OK) {
        for (int p = 0; p < N_PARTS; p++) hana_frame_release(parts[p]);
        return status;
    }
    *train = parts[TRAIN];
    *valid = parts[VALID];
    *test = parts[TEST];
    return HANA_OK;
}
