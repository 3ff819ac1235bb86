#include "learn/neighbors.h"

#include "base/dot.h"
#include "base/lapack.h"
#include "base/memory.h"
#include "base/parallel.h"

#include <float.h>
#include <string.h>

enum { TREE_COLS = 8, TREE_ROWS = 512, LEAF_ROWS = 16, QUERIES = 128, REFERENCES = 512 };

struct hana_neighbors {
    size_t rows, cols;
    double *data;   /* rows x cols, in the tree's order */
    size_t *row;    /* the row's number; NULL: itself */
    double *weight; /* NULL: all 1; in the tree's order */
    /* k-d tree: node i has children 2i + 1, 2i + 2; node i covers a range that halving
     * gives. */
    size_t n_nodes;
    int32_t *dimension; /* -1: leaf */
    double *split;
    /* products */
    double *centre, *centred, *norm; /* cols, rows x cols, rows */
};

void hana_neighbors_free(hana_neighbors *index)
{
    if (!index) return;
    hana_free(index->data);
    hana_free(index->row);
    hana_free(index->weight);
    hana_free(index->dimension);
    hana_free(index->split);
    hana_free(index->centre);
    hana_free(index->centred);
    hana_free(index->norm);
    hana_free(index);
}

size_t hana_neighbors_bytes(const hana_neighbors *index)
{
    size_t per_row = index->cols * sizeof(double) * (index->centred ? 2 : 1) +
                     (index->weight ? sizeof(double) : 0) + sizeof(double);
    return sizeof *index + index->rows * per_row +
           index->n_nodes * (sizeof *index->dimension + sizeof *index->split);
}

static double coordinate(const hana_matrix *x, size_t row, size_t j)
{
    return x->data[row * x->stride + j];
}

static int comes_before(const hana_matrix *x, size_t j, size_t a, size_t b)
{
    double u = coordinate(x, a, j), v = coordinate(x, b, j);
    return u < v || (u == v && a < b);
}

/* Moves the row of rank `middle` by coordinate j to its place, smaller ones before it. */
static void select_rank(const hana_matrix *x, size_t j, size_t *rows, size_t n,
                        size_t middle)
{
    size_t low = 0, high = n;
    while (high - low > 1) {
        size_t a = rows[low], b = rows[low + (high - low) / 2], c = rows[high - 1], pivot;
        if (comes_before(x, j, a, b))
            pivot = comes_before(x, j, b, c) ? b : comes_before(x, j, a, c) ? c : a;
        else
            pivot = comes_before(x, j, a, c) ? a : comes_before(x, j, b, c) ? c : b;
        size_t i = low, k = high - 1;
        for (;;) {
            while (comes_before(x, j, rows[i], pivot)) i++;
            while (comes_before(x, j, pivot, rows[k])) k--;
            if (i >= k) break;
            size_t swap = rows[i];
            rows[i++] = rows[k];
            rows[k--] = swap;
        }
        /* Ranks are distinct, so i stands on the pivot or right after the lower part. */
        size_t cut = i > low && !comes_before(x, j, rows[i], pivot) ? i : i + 1;
        if (middle < cut)
            high = cut;
        else
            low = cut;
    }
}

static size_t half(size_t n)
{
    return n / 2;
}

static void build_node(hana_neighbors *index, const hana_matrix *x, size_t node,
                       size_t *rows, size_t n)
{
    index->dimension[node] = -1;
    if (2 * node + 2 >= index->n_nodes || n <= LEAF_ROWS) return;
    size_t widest = 0;
    double most = 0;
    for (size_t j = 0; j < x->cols; j++) {
        double low = coordinate(x, rows[0], j), high = low;
        for (size_t i = 1; i < n; i++) {
            double value = coordinate(x, rows[i], j);
            if (value < low) low = value;
            if (value > high) high = value;
        }
        if (high - low > most) {
            most = high - low;
            widest = j;
        }
    }
    if (!(most > 0)) return;
    size_t middle = half(n);
    select_rank(x, widest, rows, n, middle);
    index->dimension[node] = (int32_t)widest;
    index->split[node] = coordinate(x, rows[middle], widest);
    build_node(index, x, 2 * node + 1, rows, middle);
    build_node(index, x, 2 * node + 2, rows + middle, n - middle);
}

static hana_status build_tree(hana_neighbors *index, const hana_matrix *x,
                              hana_error *err)
{
    size_t leaves = 1;
    while (index->rows / leaves > LEAF_ROWS) leaves *= 2;
    index->n_nodes = 2 * leaves - 1;
    index->dimension = hana_alloc(index->n_nodes, sizeof *index->dimension);
    index->split = hana_alloc_zero(index->n_nodes, sizeof *index->split);
    index->row = hana_alloc(index->rows, sizeof *index->row);
    if (!index->dimension || !index->split || !index->row) return hana_fail_memory(err);
    for (size_t i = 0; i < index->rows; i++) index->row[i] = i;
    build_node(index, x, 0, index->row, index->rows);
    return HANA_OK;
}

static hana_status prepare_products(hana_neighbors *index, hana_error *err)
{
    size_t n = index->rows, p = index->cols;
    index->centre = hana_alloc_zero(p, sizeof *index->centre);
    index->centred = hana_alloc(n * p, sizeof *index->centred);
    index->norm = hana_alloc(n, sizeof *index->norm);
    if (!index->centre || !index->centred || !index->norm) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < p; j++)
            index->centre[j] += index->data[i * p + j] / (double)n;
    for (size_t i = 0; i < n; i++) {
        double *row = index->centred + i * p;
        for (size_t j = 0; j < p; j++) row[j] = index->data[i * p + j] - index->centre[j];
        index->norm[i] = hana_dot(row, row, p);
    }
    return HANA_OK;
}

static hana_status build(hana_neighbors *index, const hana_matrix *x,
                         const double *weights, hana_error *err)
{
    size_t n = index->rows, p = index->cols;
    int tree = p <= TREE_COLS && n >= TREE_ROWS;
    if (tree) HANA_TRY(build_tree(index, x, err));
    index->data = hana_alloc(n * p, sizeof *index->data);
    if (weights) index->weight = hana_alloc(n, sizeof *index->weight);
    if (!index->data || (weights && !index->weight)) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        size_t from = index->row ? index->row[i] : i;
        memcpy(index->data + i * p, x->data + from * x->stride, p * sizeof *x->data);
        if (weights) index->weight[i] = weights[from];
    }
    return tree ? HANA_OK : prepare_products(index, err);
}

hana_status hana_neighbors_new(hana_neighbors **out, const hana_matrix *x,
                               const double *weights, hana_job *job, hana_error *err)
{
    HANA_TRY(hana_job_check(job, err));
    hana_neighbors *index = hana_alloc_zero(1, sizeof *index);
    if (!index) return hana_fail_memory(err);
    index->rows = x->rows;
    index->cols = x->cols;
    hana_status status = build(index, x, weights, err);
    if (status == HANA_OK)
        *out = index;
    else
        hana_neighbors_free(index);
    return status;
}

/* A heap with the farthest on top, of rows whose weights reach k, but not without the
 * farthest. */
typedef struct nearest {
    hana_neighbor *items;
    size_t n, capacity;
    double weight, k;
    int failed;
} nearest;

static int farther(const hana_neighbor *a, const hana_neighbor *b)
{
    return a->distance2 > b->distance2 ||
           (a->distance2 == b->distance2 && a->row > b->row);
}

static void sift_down(nearest *best, hana_neighbor item)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= best->n) break;
        if (child + 1 < best->n && farther(&best->items[child + 1], &best->items[child]))
            child++;
        if (!farther(&best->items[child], &item)) break;
        best->items[at] = best->items[child];
        at = child;
    }
    best->items[at] = item;
}

static hana_neighbor take_farthest(nearest *best)
{
    hana_neighbor top = best->items[0];
    best->weight -= top.weight;
    hana_neighbor last = best->items[--best->n];
    if (best->n > 0) sift_down(best, last);
    return top;
}

/* Squared distance up to which a row may still come in. */
static double reach(const nearest *best)
{
    return best->n > 0 && best->weight >= best->k ? best->items[0].distance2 : DBL_MAX;
}

static void offer(nearest *best, hana_neighbor item)
{
    int full = best->n > 0 && best->weight >= best->k;
    if (full && !farther(&best->items[0], &item)) return;
    if (best->n == best->capacity) {
        size_t capacity = best->capacity ? 2 * best->capacity : 16;
        hana_neighbor *items = hana_realloc(best->items, capacity, sizeof *items);
        if (!items) {
            best->failed = 1;
            return;
        }
        best->items = items;
        best->capacity = capacity;
    }
    size_t at = best->n++;
    for (; at > 0 && farther(&item, &best->items[(at - 1) / 2]); at = (at - 1) / 2)
        best->items[at] = best->items[(at - 1) / 2];
    best->items[at] = item;
    best->weight += item.weight;
    while (best->n > 1 && best->weight - best->items[0].weight >= best->k)
        take_farthest(best);
}

/* Sorts the heap, nearest first, cuts the weight of the last, and hands it over. */
static void hand_over(nearest *best, hana_neighbors_fn *use, void *context, size_t query)
{
    size_t n = best->n;
    while (best->n > 1) {
        hana_neighbor top = take_farthest(best);
        best->items[best->n] = top;
    }
    double weight = 0;
    for (size_t i = 0; i + 1 < n; i++) weight += best->items[i].weight;
    if (n > 0 && weight + best->items[n - 1].weight > best->k)
        best->items[n - 1].weight = best->k - weight;
    if (!best->failed) use(context, query, best->items, n);
    best->n = 0;
    best->weight = 0;
}

typedef struct search {
    const hana_neighbors *index;
    const hana_matrix *queries;
    hana_neighbors_fn *use;
    void *context;
    nearest *best;    /* QUERIES a worker */
    double *products; /* QUERIES x REFERENCES a worker */
    double *centred;  /* QUERIES x cols a worker, then their norms */
} search;

static void measure(const search *s, nearest *best, const double *query, size_t at)
{
    const hana_neighbors *index = s->index;
    offer(best, (hana_neighbor){ .distance2 = hana_distance2(
                                     query, index->data + at * index->cols, index->cols),
                                 .weight = index->weight ? index->weight[at] : 1,
                                 .row = index->row ? index->row[at] : at });
}

/* `sides`: per dimension the distance from the query to the node's part of space;
   `bound`: the sum of their squares. The margin covers the rounding of the bound. */
static void visit(const search *s, nearest *best, const double *query, size_t node,
                  size_t from, size_t n, double bound, double *sides)
{
    const hana_neighbors *index = s->index;
    if (bound * (1 - 1e-12) > reach(best)) return;
    if (index->dimension[node] < 0) {
        for (size_t i = from; i < from + n; i++) measure(s, best, query, i);
        return;
    }
    size_t d = (size_t)index->dimension[node], middle = half(n);
    double beyond = query[d] - index->split[node], side = sides[d];
    size_t left = 2 * node + 1, right = left + 1;
    double far_bound = bound - side * side + beyond * beyond;
    if (beyond < 0)
        visit(s, best, query, left, from, middle, bound, sides);
    else
        visit(s, best, query, right, from + middle, n - middle, bound, sides);
    sides[d] = beyond;
    if (beyond < 0)
        visit(s, best, query, right, from + middle, n - middle, far_bound, sides);
    else
        visit(s, best, query, left, from, middle, far_bound, sides);
    sides[d] = side;
}

static void search_tree(const search *s, nearest *best, size_t from, size_t n)
{
    for (size_t q = 0; q < n; q++) {
        double sides[TREE_COLS] = { 0 };
        const double *query = s->queries->data + (from + q) * s->queries->stride;
        visit(s, best, query, 0, 0, s->index->rows, 0, sides);
        hand_over(best, s->use, s->context, from + q);
    }
}

static void search_products(const search *s, nearest *best, size_t from, size_t n,
                            int worker)
{
    const hana_neighbors *index = s->index;
    size_t p = index->cols;
    double *products = s->products + (size_t)worker * QUERIES * REFERENCES;
    double *centred = s->centred + (size_t)worker * QUERIES * (p + 1),
           *norm = centred + QUERIES * p;
    double doubt = (double)(p + 16) * 2 * DBL_EPSILON;
    for (size_t q = 0; q < n; q++) {
        const double *query = s->queries->data + (from + q) * s->queries->stride;
        for (size_t j = 0; j < p; j++) centred[q * p + j] = query[j] - index->centre[j];
        norm[q] = hana_dot(centred + q * p, centred + q * p, p);
    }
    for (size_t at = 0; at < index->rows; at += REFERENCES) {
        size_t m = index->rows - at < REFERENCES ? index->rows - at : REFERENCES;
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)m, (int)p, -2,
                    centred, (int)p, index->centred + at * p, (int)p, 0, products,
                    REFERENCES);
        for (size_t q = 0; q < n; q++) {
            const double *query = s->queries->data + (from + q) * s->queries->stride;
            const double *product = products + q * REFERENCES, *norms = index->norm + at;
            double limit = reach(&best[q]) - norm[q] * (1 - doubt);
            for (size_t i = 0; i < m; i++) {
                if (product[i] + norms[i] * (1 - doubt) > limit) continue;
                measure(s, &best[q], query, at + i);
                limit = reach(&best[q]) - norm[q] * (1 - doubt);
            }
        }
    }
    for (size_t q = 0; q < n; q++) hand_over(&best[q], s->use, s->context, from + q);
}

static hana_status search_block(void *context, size_t block, int worker, hana_error *err)
{
    const search *s = context;
    size_t from = block * QUERIES, rows = s->queries->rows;
    size_t n = rows - from < QUERIES ? rows - from : QUERIES;
    nearest *best = s->best + (size_t)worker * QUERIES;
    if (s->index->dimension)
        search_tree(s, best, from, n);
    else
        search_products(s, best, from, n, worker);
    for (size_t q = 0; q < n; q++)
        if (best[q].failed) return hana_fail_memory(err);
    return HANA_OK;
}

hana_status hana_neighbors_search(const hana_neighbors *index, const hana_matrix *queries,
                                  double k, hana_neighbors_fn *use, void *context,
                                  hana_job *job, hana_error *err)
{
    size_t workers = (size_t)hana_job_threads(job), p = index->cols;
    search s = { .index = index, .queries = queries, .use = use, .context = context };
    hana_status status = HANA_OK;
    if (queries->cols != p)
        return hana_fail(err, HANA_BAD_SHAPE,
                         "neighbors: %zu features, the rows have %zu", queries->cols, p);
    s.best = hana_alloc_zero(workers * QUERIES, sizeof *s.best);
    if (!index->dimension) {
        s.products = hana_alloc(workers * QUERIES * REFERENCES, sizeof *s.products);
        s.centred = hana_alloc(workers * QUERIES * (p + 1), sizeof *s.centred);
    }
    if (!s.best || (!index->dimension && (!s.products || !s.centred))) {
        status = hana_fail_memory(err);
        goto done;
    }
    for (size_t i = 0; i < workers * QUERIES; i++) s.best[i].k = k;
    status = hana_parallel(job, (queries->rows + QUERIES - 1) / QUERIES, search_block, &s,
                           err);
done:
    for (size_t i = 0; s.best && i < workers * QUERIES; i++) hana_free(s.best[i].items);
    hana_free(s.best);
    hana_free(s.products);
    hana_free(s.centred);
    return status;
}
