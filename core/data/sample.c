#include "data/verbs.h"

#include "base/random.h"

#include <math.h>
#include <stdlib.h>

/* Marks n of the rows in random order; `rows` is shuffled. */
static void choose(unsigned char *chosen, size_t *rows, size_t n_rows, size_t n,
                   uint64_t seed)
{
    hana_stream stream;
    hana_stream_init(&stream, seed);
    hana_stream_shuffle(&stream, rows, n_rows);
    for (size_t i = 0; i < n; i++) chosen[rows[i]] = 1;
}

/* A stratum's claim to one more row: the fraction that rounding down took from its share.
 */
typedef struct claim {
    double remainder;
    size_t group;
} claim;

static int by_remainder(const void *a, const void *b)
{
    const claim *x = a, *y = b;
    if (x->remainder != y->remainder) return x->remainder > y->remainder ? -1 : 1;
    return x->group < y->group ? -1 : 1;
}

/* Shares n rows out by the sizes of the groups (Hamilton's method of largest remainders).
 */
static hana_status share_out(size_t *quota, const size_t *sizes, size_t n_groups,
                             size_t n, size_t total, hana_error *err)
{
    claim *claims = hana_alloc(n_groups, sizeof *claims);
    if (!claims) return hana_fail_memory(err);
    size_t given = 0;
    for (size_t g = 0; g < n_groups; g++) {
        double exact = (double)n * ((double)sizes[g] / (double)total);
        quota[g] = (size_t)exact;
        claims[g] = (claim){ exact - (double)quota[g], g };
        given += quota[g];
    }
    qsort(claims, n_groups, sizeof *claims, by_remainder);
    for (size_t k = 0; given < n; k = (k + 1) % n_groups) {
        size_t g = claims[k].group;
        if (quota[g] == sizes[g]) continue;
        quota[g]++;
        given++;
    }
    hana_free(claims);
    return HANA_OK;
}

/* Rows by group: rows[start[g] .. start[g] + sizes[g]). */
static void by_group(size_t *rows, size_t *sizes, size_t *start,
                     const size_t *group_of_row, size_t n_rows, size_t n_groups)
{
    for (size_t g = 0; g < n_groups; g++) sizes[g] = 0;
    for (size_t i = 0; i < n_rows; i++) sizes[group_of_row[i]]++;
    size_t sum = 0;
    for (size_t g = 0; g < n_groups; g++) {
        start[g] = sum;
        sum += sizes[g];
        sizes[g] = 0;
    }
    for (size_t i = 0; i < n_rows; i++) {
        size_t g = group_of_row[i];
        rows[start[g] + sizes[g]++] = i;
    }
}

static hana_status choose_stratified(unsigned char *chosen, size_t *rows,
                                     const hana_frame *frame, size_t n,
                                     const char *stratify, uint64_t seed, hana_error *err)
{
    size_t n_rows = hana_frame_rows(frame), n_groups = 0;
    size_t *group_of_row = NULL, *first = NULL, *plan = NULL;
    hana_names key = { 0 };
    hana_status status;
    HANA_GOTO(done, hana_names_add(&key, stratify, err));
    HANA_GOTO(done, hana_frame_groups(&group_of_row, &first, &n_groups, frame, &key, NULL,
                                      err));
    plan = hana_alloc(3 * n_groups, sizeof *plan);
    if (!plan) {
        status = hana_fail_memory(err);
        goto done;
    }
    size_t *sizes = plan, *start = plan + n_groups, *quota = plan + 2 * n_groups;
    by_group(rows, sizes, start, group_of_row, n_rows, n_groups);
    HANA_GOTO(done, share_out(quota, sizes, n_groups, n, n_rows, err));
    for (size_t g = 0; g < n_groups; g++) {
        choose(chosen, rows + start[g], sizes[g], quota[g],
               hana_seed_child(seed, "stratum", g));
    }
done:
    hana_names_clear(&key);
    hana_free(group_of_row);
    hana_free(first);
    hana_free(plan);
    return status;
}

hana_status hana_frame_sample(hana_frame **out, const hana_frame *frame, size_t n,
                              const char *stratify, uint64_t seed, hana_error *err)
{
    size_t n_rows = hana_frame_rows(frame);
    if (n > n_rows) {
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "sample: %zu rows asked for, the frame has %zu", n, n_rows);
    }
    size_t *rows = hana_alloc(n_rows, sizeof *rows);
    unsigned char *chosen = hana_alloc_zero(n_rows, 1);
    hana_status status = rows && chosen ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK && stratify && n > 0) {
        status = choose_stratified(chosen, rows, frame, n, stratify, seed, err);
    } else if (status == HANA_OK) {
        for (size_t i = 0; i < n_rows; i++) rows[i] = i;
        choose(chosen, rows, n_rows, n, seed);
    }
    if (status == HANA_OK) {
        size_t kept = 0;
        for (size_t i = 0; i < n_rows; i++) {
            if (chosen[i]) rows[kept++] = i;
        }
        status = hana_frame_take(out, frame, rows, kept, err);
    }
    hana_free(rows);
    hana_free(chosen);
    return status;
}
