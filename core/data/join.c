#include "data/verbs.h"

#include "base/parallel.h"
#include "data/column_parts.h"
#include "data/keys.h"

#include <stdatomic.h>
#include <string.h>

/* The right rows of each key, and which of them each left row meets. */
typedef struct matches {
    size_t *group; /* of each left row; HANA_NO_ROW: it meets none */
    size_t *start; /* right rows of group g: rows[start[g] .. start[g + 1]) */
    size_t *rows;
    size_t n_groups;
} matches;

static void matches_clear(matches *m)
{
    hana_free(m->group);
    hana_free(m->start);
    hana_free(m->rows);
    *m = (matches){ 0 };
}

/* Right rows by group, in their order (counting sort). */
static hana_status collect(matches *m, const size_t *right_group, size_t n,
                           hana_error *err)
{
    m->start = hana_alloc_zero(m->n_groups + 2, sizeof *m->start);
    m->rows = hana_alloc(n, sizeof *m->rows);
    if (!m->start || !m->rows) return hana_fail_memory(err);
    size_t *next = m->start + 1;
    for (size_t i = 0; i < n; i++) {
        if (right_group[i] != HANA_NO_ROW) next[right_group[i] + 1]++;
    }
    for (size_t g = 0; g < m->n_groups; g++) next[g + 1] += next[g];
    for (size_t i = 0; i < n; i++) {
        if (right_group[i] != HANA_NO_ROW) m->rows[next[right_group[i]]++] = i;
    }
    return HANA_OK;
}

static hana_status match(matches *out, const hana_frame *left, const hana_frame *right,
                         const hana_names *left_on, const hana_names *right_on,
                         hana_job *job, hana_error *err)
{
    hana_keys a, b;
    matches m = { 0 };
    size_t *right_group = NULL, *first = NULL;
    HANA_TRY(hana_keys_make_pair(&a, &b, left, right, left_on, right_on, err));
    hana_status status =
        hana_keys_number(&right_group, &first, &m.n_groups, &b, job, err);
    if (status == HANA_OK) {
        status = hana_keys_find(&m.group, &b, first, m.n_groups, &a, job, err);
    }
    if (status == HANA_OK) status = collect(&m, right_group, b.rows, err);
    hana_free(right_group);
    hana_free(first);
    hana_keys_clear(&a);
    hana_keys_clear(&b);
    if (status != HANA_OK) {
        matches_clear(&m);
        return status;
    }
    *out = m;
    return HANA_OK;
}

/* Rows of the result: one of the left and one of the right frame each, HANA_NO_ROW for
   none. `left` is NULL when it is all rows of the left frame as they stand. */
typedef struct pairs {
    size_t *left, *right;
    size_t n;
    size_t from_right; /* the last ones, which have no left row */
    int keep_left, keep_right;
} pairs;

static size_t partners(const matches *m, size_t left_row)
{
    size_t g = m->group[left_row];
    return g == HANA_NO_ROW ? 0 : m->start[g + 1] - m->start[g];
}

/* 1 for each right row that some left row meets; NULL without memory. */
static unsigned char *met(const matches *m, size_t left_rows, size_t right_rows)
{
    unsigned char *seen = hana_alloc_zero(right_rows, 1);
    unsigned char *group_seen = hana_alloc_zero(m->n_groups, 1);
    if (!seen || !group_seen) {
        hana_free(seen);
        hana_free(group_seen);
        return NULL;
    }
    for (size_t i = 0; i < left_rows; i++) {
        if (m->group[i] != HANA_NO_ROW) group_seen[m->group[i]] = 1;
    }
    for (size_t g = 0; g < m->n_groups; g++) {
        if (!group_seen[g]) continue;
        for (size_t k = m->start[g]; k < m->start[g + 1]; k++) seen[m->rows[k]] = 1;
    }
    hana_free(group_seen);
    return seen;
}

/* Rows that meet more than one on the other side, and whether some key does so on both.
 */
typedef struct doubles {
    size_t left, right;
    int on_both;
} doubles;

static hana_status find_doubles(doubles *out, const matches *m, size_t left_rows,
                                hana_error *err)
{
    doubles d = { 0 };
    unsigned char *lefts = hana_alloc_zero(m->n_groups, 1); /* 0, 1 or more: 2 */
    if (!lefts) return hana_fail_memory(err);
    for (size_t i = 0; i < left_rows; i++) {
        if (m->group[i] != HANA_NO_ROW && lefts[m->group[i]] < 2) lefts[m->group[i]]++;
        d.left += partners(m, i) > 1;
    }
    for (size_t g = 0; g < m->n_groups; g++) {
        if (lefts[g] < 2) continue;
        size_t n = m->start[g + 1] - m->start[g];
        d.right += n;
        if (n > 1) d.on_both = 1;
    }
    hana_free(lefts);
    *out = d;
    return HANA_OK;
}

/* Rows that multiply are said: where both sides repeat a key, and where a join that is to
   keep the rows of one frame gives more than these. */
static hana_status warn_of_doubles(const matches *m, hana_join_kind how, size_t n,
                                   size_t left_rows, size_t right_rows, hana_job *job,
                                   hana_error *err)
{
    doubles d = { 0 };
    HANA_TRY(find_doubles(&d, m, left_rows, err));
    if (d.on_both)
        hana_job_warn(job,
                      "join: %zu rows come out of %zu and %zu: keys stand more than once "
                      "on both sides",
                      n, left_rows, right_rows);
    else if (how == HANA_JOIN_LEFT && d.left)
        hana_job_warn(
            job,
            "join: %zu rows come out of %zu: the key of %zu of them stands more "
            "than once on the right",
            n, left_rows, d.left);
    else if (how == HANA_JOIN_RIGHT && d.right)
        hana_job_warn(
            job,
            "join: %zu rows come out of %zu: the key of %zu of them stands more "
            "than once on the left",
            n, right_rows, d.right);
    return HANA_OK;
}

/* At most how many pairs there will be; refused where no memory would hold them. */
static hana_status count(size_t *out, const matches *m, size_t left_rows,
                         size_t right_rows, const pairs *p, hana_error *err)
{
    const size_t most = INT32_MAX;
    size_t n = p->keep_right ? right_rows : 0;
    for (size_t i = 0; i < left_rows; i++) {
        size_t k = partners(m, i);
        n += k == 0 && p->keep_left ? 1 : k;
        if (n > most) {
            return hana_fail(
                err, HANA_BAD_SHAPE,
                "join: more than %zu rows would come out of %zu and %zu: keys stand "
                "many times on both sides",
                most, left_rows, right_rows);
        }
    }
    *out = n;
    return HANA_OK;
}

/* Right keys that stand once each: the right row takes the place of its group. */
typedef struct placing {
    const matches *m;
    size_t n;
    atomic_int missed; /* some left row meets none */
} placing;

enum { BLOCK_ROWS = 1 << 16 };

static hana_status place_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    placing *p = context;
    const matches *m = p->m;
    size_t from = block * BLOCK_ROWS, to = from + BLOCK_ROWS;
    if (to > p->n) to = p->n;
    int missed = 0;
    for (size_t i = from; i < to; i++) {
        if (m->group[i] == HANA_NO_ROW)
            missed = 1;
        else
            m->group[i] = m->rows[m->start[m->group[i]]];
    }
    if (missed) atomic_store_explicit(&p->missed, 1, memory_order_relaxed);
    return HANA_OK;
}

static hana_status pair_singles(pairs *out, matches *m, size_t left_rows, hana_job *job,
                                hana_error *err)
{
    pairs p = *out;
    placing place = { .m = m, .n = left_rows };
    HANA_TRY(hana_parallel(job, (left_rows + BLOCK_ROWS - 1) / BLOCK_ROWS, place_block,
                           &place, err));
    p.n = left_rows;
    if (atomic_load(&place.missed) && !p.keep_left) {
        p.left = hana_alloc(left_rows, sizeof *p.left);
        if (!p.left) return hana_fail_memory(err);
        p.n = 0;
        for (size_t i = 0; i < left_rows; i++) {
            if (m->group[i] == HANA_NO_ROW) continue;
            p.left[p.n] = i;
            m->group[p.n++] = m->group[i];
        }
    }
    p.right = m->group;
    m->group = NULL;
    *out = p;
    return HANA_OK;
}

/* Takes from the matches what it likes. */
static hana_status pair_up(pairs *out, matches *m, size_t left_rows, size_t right_rows,
                           hana_join_kind how, hana_job *job, hana_error *err)
{
    pairs p = { .keep_left = how == HANA_JOIN_LEFT || how == HANA_JOIN_FULL,
                .keep_right = how == HANA_JOIN_RIGHT || how == HANA_JOIN_FULL };
    size_t most = 0;
    if (!p.keep_right && m->start[m->n_groups] == m->n_groups && left_rows < INT32_MAX) {
        HANA_TRY(pair_singles(&p, m, left_rows, job, err));
        *out = p;
        return HANA_OK;
    }
    HANA_TRY(count(&most, m, left_rows, right_rows, &p, err));
    unsigned char *seen = p.keep_right ? met(m, left_rows, right_rows) : NULL;
    p.left = hana_alloc(most, sizeof *p.left);
    p.right = hana_alloc(most, sizeof *p.right);
    if (!p.left || !p.right || (p.keep_right && !seen)) {
        hana_free(p.left);
        hana_free(p.right);
        hana_free(seen);
        return hana_fail_memory(err);
    }
    for (size_t i = 0; i < left_rows; i++) {
        size_t k = partners(m, i);
        const size_t *with = k ? m->rows + m->start[m->group[i]] : NULL;
        for (size_t j = 0; j < k; j++, p.n++) {
            p.left[p.n] = i;
            p.right[p.n] = with[j];
        }
        if (k == 0 && p.keep_left) {
            p.left[p.n] = i;
            p.right[p.n++] = HANA_NO_ROW;
        }
    }
    for (size_t j = 0; p.keep_right && j < right_rows; j++) {
        if (seen[j]) continue;
        p.left[p.n] = HANA_NO_ROW;
        p.right[p.n++] = j;
        p.from_right++;
    }
    hana_free(seen);
    hana_status status = warn_of_doubles(m, how, p.n, left_rows, right_rows, job, err);
    if (status != HANA_OK) {
        hana_free(p.left);
        hana_free(p.right);
        return status;
    }
    *out = p;
    return HANA_OK;
}

/* The columns of the result as they are found. */
typedef struct parts {
    hana_names names;
    const hana_column **columns; /* held */
    size_t n;
} parts;

static void parts_clear(parts *p)
{
    for (size_t j = 0; j < p->n; j++) hana_column_release(p->columns[j]);
    hana_free(p->columns);
    hana_names_clear(&p->names);
}

/* Takes the column over on success. */
static hana_status parts_add(parts *p, const char *name, const hana_column *column,
                             hana_error *err)
{
    HANA_TRY(hana_names_add(&p->names, name, err));
    p->columns[p->n++] = column;
    return HANA_OK;
}

/* The key column of a join that keeps the right frame's rows: the right key's values
   stand below the left one's, and the type is what both are put below each other,
   whatever rows there are. */
static hana_status united_key(hana_column **out, const hana_column *left_key,
                              const hana_column *right_key, const pairs *p,
                              hana_error *err)
{
    hana_column *top = NULL, *bottom = NULL;
    hana_status status;
    size_t above = p->n - p->from_right;
    HANA_GOTO(done, hana_column_take(&top, left_key, p->left, above, err));
    HANA_GOTO(done,
              hana_column_take(&bottom, right_key, p->right + above, p->from_right, err));
    status = hana_column_concat(out, (const hana_column *[]){ top, bottom }, 2, err);
done:
    hana_column_release(top);
    hana_column_release(bottom);
    return status;
}

static hana_status add_left(parts *p, const hana_frame *left, const hana_frame *right,
                            const hana_names *left_on, const hana_names *right_on,
                            const pairs *rows, hana_error *err)
{
    for (size_t j = 0; j < hana_frame_cols(left); j++) {
        const char *name = hana_frame_name(left, j);
        const hana_column *column = hana_frame_column(left, j);
        ptrdiff_t key = hana_names_find(left_on, name);
        hana_column *made;
        if (key >= 0 && rows->keep_right) {
            const hana_column *other;
            HANA_TRY(hana_frame_get(&other, right, right_on->items[key], err));
            HANA_TRY(united_key(&made, column, other, rows, err));
        } else if (rows->left) {
            HANA_TRY(hana_column_take(&made, column, rows->left, rows->n, err));
        } else {
            HANA_TRY(hana_column_share(&made, column, err));
        }
        hana_status status = parts_add(p, name, made, err);
        if (status != HANA_OK) {
            hana_column_release(made);
            return status;
        }
    }
    return HANA_OK;
}

/* The right frame's other columns; a name that the left one has gets the suffix. */
static hana_status add_right(parts *p, const hana_frame *right,
                             const hana_names *right_on, const char *suffix,
                             const pairs *rows, hana_error *err)
{
    for (size_t j = 0; j < hana_frame_cols(right); j++) {
        const char *name = hana_frame_name(right, j);
        if (hana_names_find(right_on, name) >= 0) continue;
        hana_text text = { 0 };
        hana_text_puts(&text, name);
        if (hana_names_find(&p->names, name) >= 0) hana_text_puts(&text, suffix);
        hana_column *made = NULL;
        hana_status status = text.failed ? hana_fail_memory(err) : HANA_OK;
        if (status == HANA_OK && hana_names_find(&p->names, text.data) >= 0) {
            status = hana_fail(
                err, HANA_BAD_ARGUMENT,
                "join: column '%s' stands in both frames; give a suffix that makes "
                "it new (suffix = \"_right\")",
                name);
        }
        if (status == HANA_OK) {
            status = hana_column_take(&made, hana_frame_column(right, j), rows->right,
                                      rows->n, err);
        }
        if (status == HANA_OK) status = parts_add(p, text.data, made, err);
        if (status != HANA_OK) hana_column_release(made);
        hana_text_clear(&text);
        HANA_TRY(status);
    }
    return HANA_OK;
}

/* Left ids where there is a left row; else the id of the right one. */
static hana_status with_ids(hana_frame **out, const hana_frame *joined,
                            const hana_frame *left, const hana_frame *right,
                            const pairs *rows, hana_error *err)
{
    hana_frame *top = NULL, *bottom = NULL, *both = NULL;
    hana_names none = { 0 };
    hana_frame *bare_left = NULL, *bare_right = NULL;
    hana_status status;
    size_t above = rows->n - rows->from_right;
    if (!rows->left) return hana_frame_with_ids_of(out, joined, left, err);
    HANA_GOTO(done, hana_frame_select(&bare_left, left, &none, err));
    HANA_GOTO(done, hana_frame_take(&top, bare_left, rows->left, above, err));
    if (rows->from_right > 0) {
        HANA_GOTO(done, hana_frame_select(&bare_right, right, &none, err));
        HANA_GOTO(done, hana_frame_take(&bottom, bare_right, rows->right + above,
                                        rows->from_right, err));
        HANA_GOTO(done, hana_frame_concat(&both, (const hana_frame *[]){ top, bottom }, 2,
                                          0, err));
    }
    status = hana_frame_with_ids_of(out, joined, both ? both : top, err);
done:
    hana_frame_release(top);
    hana_frame_release(bottom);
    hana_frame_release(both);
    hana_frame_release(bare_left);
    hana_frame_release(bare_right);
    return status;
}

static hana_status build(hana_frame **out, const hana_frame *left,
                         const hana_frame *right, const hana_names *left_on,
                         const hana_names *right_on, const char *suffix,
                         const pairs *rows, hana_error *err)
{
    parts p = { 0 };
    size_t most = hana_frame_cols(left) + hana_frame_cols(right);
    p.columns = hana_alloc(most, sizeof *p.columns);
    if (!p.columns) return hana_fail_memory(err);
    hana_frame *joined = NULL;
    hana_status status = add_left(&p, left, right, left_on, right_on, rows, err);
    if (status == HANA_OK) status = add_right(&p, right, right_on, suffix, rows, err);
    if (status == HANA_OK) {
        status = hana_frame_new(&joined, (const char *const *)p.names.items, p.columns,
                                p.n, rows->n, err);
    }
    if (status == HANA_OK) status = with_ids(out, joined, left, right, rows, err);
    hana_frame_release(joined);
    parts_clear(&p);
    return status;
}

/* Left rows that meet some right row, or (anti) none. */
static hana_status keep(hana_frame **out, const hana_frame *left, const matches *m,
                        int anti, hana_error *err)
{
    size_t n = hana_frame_rows(left), kept = 0;
    size_t *rows = hana_alloc(n, sizeof *rows);
    if (!rows) return hana_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        if ((partners(m, i) == 0) == anti) rows[kept++] = i;
    }
    hana_status status = hana_frame_take(out, left, rows, kept, err);
    hana_free(rows);
    return status;
}

hana_status hana_frame_join(hana_frame **out, const hana_frame *left,
                            const hana_frame *right, const hana_names *left_on,
                            const hana_names *right_on, hana_join_kind how,
                            const char *suffix, hana_job *job, hana_error *err)
{
    if (left_on->n == 0)
        return hana_fail(err, HANA_BAD_ARGUMENT, "join: no key was given");
    if (left_on->n != right_on->n) {
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "join: %zu keys on the left, %zu on the right", left_on->n,
                         right_on->n);
    }
    matches m;
    HANA_TRY(match(&m, left, right, left_on, right_on, job, err));
    hana_status status;
    if (how == HANA_JOIN_SEMI || how == HANA_JOIN_ANTI) {
        status = keep(out, left, &m, how == HANA_JOIN_ANTI, err);
    } else {
        pairs p = { 0 };
        status =
            pair_up(&p, &m, hana_frame_rows(left), hana_frame_rows(right), how, job, err);
        if (status == HANA_OK) {
            status = build(out, left, right, left_on, right_on, suffix, &p, err);
        }
        hana_free(p.left);
        hana_free(p.right);
    }
    matches_clear(&m);
    return status;
}
