#include "base/random.h"
#include "measure/split.h"

#include <stdlib.h>
#include <string.h>

typedef struct folding {
    int32_t *fold;
    size_t n, folds, classes;
    const int32_t *codes; /* NULL: one class */
    hana_stream stream;
} folding;

static int32_t code_of(const folding *f, size_t i)
{
    return f->codes ? f->codes[i] : 0;
}

/* Classes one after the other, each shuffled, dealt out like cards: the next class goes
   on where the last one stopped, so that the folds stay of one size too. */
static hana_status deal(folding *f, hana_error *err)
{
    size_t *start = hana_alloc_zero(f->classes + 1, sizeof *start);
    size_t *rows = hana_alloc(f->n, sizeof *rows);
    if (!start || !rows) {
        hana_free(start);
        hana_free(rows);
        return hana_fail_memory(err);
    }
    for (size_t i = 0; i < f->n; i++)
        if (code_of(f, i) >= 0) start[code_of(f, i) + 1]++;
    for (size_t c = 0; c < f->classes; c++) start[c + 1] += start[c];
    size_t total = start[f->classes];
    for (size_t i = f->n; i-- > 0;) {
        int32_t c = code_of(f, i);
        if (c >= 0) rows[--start[c + 1]] = i;
    }
    /* start[c + 1] is now where class c begins. */
    for (size_t c = 0; c < f->classes; c++) {
        size_t begin = start[c + 1], end = c + 1 < f->classes ? start[c + 2] : total;
        hana_stream_shuffle(&f->stream, rows + begin, end - begin);
    }
    for (size_t k = 0; k < total; k++) f->fold[rows[k]] = (int32_t)(k % f->folds);
    hana_free(start);
    hana_free(rows);
    return HANA_OK;
}

typedef struct member {
    int64_t group;
    size_t row;
} member;

typedef struct cluster {
    size_t begin, size, order;
} cluster;

static int by_group(const void *a, const void *b)
{
    const member *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Large groups first; equal ones in a shuffled order. */
static int by_size(const void *a, const void *b)
{
    const cluster *x = a, *y = b;
    if (x->size != y->size) return x->size > y->size ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static size_t find_clusters(cluster *clusters, const member *members, size_t n)
{
    size_t found = 0;
    for (size_t k = 0; k < n; k++) {
        if (k == 0 || members[k].group != members[k - 1].group)
            clusters[found++] = (cluster){ .begin = k };
        clusters[found - 1].size++;
    }
    return found;
}

/* The fold that a group unbalances least: the sum over classes of (fold's rows x group's
   rows) / (rows of the class)^2 is the part of the squared deviation that the choice
   changes. */
static size_t choose_fold(const folding *f, const double *have, const double *add,
                          const double *total, const size_t *sizes)
{
    size_t best = 0;
    double least = 0;
    for (size_t k = 0; k < f->folds; k++) {
        double cost = 0;
        for (size_t c = 0; c < f->classes; c++)
            if (add[c] > 0)
                cost += have[k * f->classes + c] * add[c] / (total[c] * total[c]);
        if (k == 0 || cost < least || (cost == least && sizes[k] < sizes[best])) {
            best = k;
            least = cost;
        }
    }
    return best;
}

static void assign(folding *f, const member *members, const cluster *clusters,
                   size_t n_clusters, double *have, double *add, double *total,
                   size_t *sizes)
{
    for (size_t i = 0; i < f->n; i++)
        if (code_of(f, i) >= 0) total[code_of(f, i)]++;
    for (size_t g = 0; g < n_clusters; g++) {
        const member *own = members + clusters[g].begin;
        memset(add, 0, f->classes * sizeof *add);
        for (size_t k = 0; k < clusters[g].size; k++) add[code_of(f, own[k].row)]++;
        size_t fold = choose_fold(f, have, add, total, sizes);
        for (size_t c = 0; c < f->classes; c++) have[fold * f->classes + c] += add[c];
        for (size_t k = 0; k < clusters[g].size; k++) f->fold[own[k].row] = (int32_t)fold;
        sizes[fold] += clusters[g].size;
    }
}

static hana_status deal_groups(folding *f, const int64_t *groups, size_t labelled,
                               hana_error *err)
{
    hana_status status = HANA_OK;
    member *members = hana_alloc(labelled, sizeof *members);
    cluster *clusters = hana_alloc(labelled, sizeof *clusters);
    double *have = hana_alloc_zero(f->folds * f->classes, sizeof *have);
    double *add = hana_alloc_zero(f->classes, sizeof *add);
    double *total = hana_alloc_zero(f->classes, sizeof *total);
    size_t *sizes = hana_alloc_zero(f->folds, sizeof *sizes), *order = NULL;
    if (!members || !clusters || !have || !add || !total || !sizes)
        HANA_GOTO(done, hana_fail_memory(err));
    size_t m = 0;
    for (size_t i = 0; i < f->n; i++)
        if (code_of(f, i) >= 0) members[m++] = (member){ .group = groups[i], .row = i };
    qsort(members, m, sizeof *members, by_group);
    size_t n_clusters = find_clusters(clusters, members, m);
    if (n_clusters < f->folds)
        HANA_GOTO(done, hana_fail(err, HANA_BAD_ARGUMENT,
                                  "%zu folds need as many groups, and there are %zu",
                                  f->folds, n_clusters));
    order = hana_alloc(n_clusters, sizeof *order);
    if (!order) HANA_GOTO(done, hana_fail_memory(err));
    for (size_t g = 0; g < n_clusters; g++) order[g] = g;
    hana_stream_shuffle(&f->stream, order, n_clusters);
    for (size_t g = 0; g < n_clusters; g++) clusters[g].order = order[g];
    qsort(clusters, n_clusters, sizeof *clusters, by_size);
    assign(f, members, clusters, n_clusters, have, add, total, sizes);
done:
    hana_free(members);
    hana_free(clusters);
    hana_free(have);
    hana_free(add);
    hana_free(total);
    hana_free(sizes);
    hana_free(order);
    return status;
}

hana_status hana_folds(int32_t *fold, size_t n, size_t folds, const int32_t *codes,
                       const int64_t *groups, uint64_t seed, hana_error *err)
{
    if (folds < 2)
        return hana_fail(err, HANA_BAD_ARGUMENT, "%zu folds, at least 2 are needed",
                         folds);
    size_t labelled = n, classes = 1;
    for (size_t i = 0; codes && i < n; i++) {
        if (codes[i] < 0) labelled--;
        if (codes[i] >= 0 && (size_t)codes[i] >= classes) classes = (size_t)codes[i] + 1;
    }
    if (folds > labelled || folds > INT32_MAX)
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "%zu folds need as many rows, and there are %zu", folds,
                         labelled);
    int32_t *own = hana_alloc(n, sizeof *own);
    if (!own) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) own[i] = -1;
    folding f = {
        .fold = own, .n = n, .folds = folds, .classes = classes, .codes = codes
    };
    hana_stream_init(&f.stream, hana_seed_child(seed, "folds", 0));
    hana_status status = groups ? deal_groups(&f, groups, labelled, err) : deal(&f, err);
    if (status == HANA_OK) memcpy(fold, own, n * sizeof *fold);
    hana_free(own);
    return status;
}
