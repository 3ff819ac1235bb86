#include "data/keys.h"

#include "base/parallel.h"
#include "base/random.h"

#include <string.h>

/* Distinct keys by open addressing with linear steps, at most half full. A slot holds 1 +
   the group and the upper half of the hash, so that most misses never touch the words. */
typedef struct slot {
    uint32_t tag, group;
} slot;

typedef struct table {
    const hana_keys *keys;
    slot *slots;
    size_t mask;
    size_t *first; /* the group's first row */
    size_t n, capacity;
} table;

static uint64_t hash_row(const hana_keys *keys, size_t row)
{
    uint64_t hash = 0;
    for (size_t w = 0; w < keys->n_words; w++) {
        hash = hana_hash_mix(hash ^ keys->words[w * keys->rows + row]);
    }
    return hash;
}

static int same(const hana_keys *a, size_t i, const hana_keys *b, size_t j)
{
    for (size_t w = 0; w < a->n_words; w++) {
        if (a->words[w * a->rows + i] != b->words[w * b->rows + j]) return 0;
    }
    return 1;
}

/* The slot of the key of other's row, or the empty one where it belongs. */
static size_t seek(const table *t, const hana_keys *other, size_t row, uint64_t hash)
{
    uint32_t tag = (uint32_t)(hash >> 32);
    for (size_t i = hash & t->mask;; i = (i + 1) & t->mask) {
        slot s = t->slots[i];
        if (s.group == 0) return i;
        if (s.tag == tag && same(t->keys, t->first[s.group - 1], other, row)) return i;
    }
}

static void put(table *t, size_t group)
{
    uint64_t hash = hash_row(t->keys, t->first[group]);
    size_t i = hash & t->mask;
    while (t->slots[i].group) i = (i + 1) & t->mask;
    t->slots[i] = (slot){ .tag = (uint32_t)(hash >> 32), .group = (uint32_t)group + 1 };
}

/* Slots for n groups with those that are there. */
static hana_status make_slots(table *t, size_t n, hana_error *err)
{
    size_t size = 256;
    while (size < 4 * n) size *= 2;
    slot *slots = hana_alloc_zero(size, sizeof *slots);
    if (!slots) return hana_fail_memory(err);
    hana_free(t->slots);
    t->slots = slots;
    t->mask = size - 1;
    for (size_t g = 0; g < t->n; g++) put(t, g);
    return HANA_OK;
}

static hana_status add_first(table *t, size_t row, hana_error *err)
{
    if (t->n == t->capacity) {
        size_t *first = hana_realloc(t->first, 2 * t->capacity, sizeof *first);
        if (!first) return hana_fail_memory(err);
        t->first = first;
        t->capacity *= 2;
    }
    if (t->n == UINT32_MAX - 1)
        return hana_fail(err, HANA_BAD_DATA, "too many distinct keys");
    t->first[t->n++] = row;
    return HANA_OK;
}

static hana_status add(table *t, size_t *at, size_t row, uint64_t hash, hana_error *err)
{
    HANA_TRY(add_first(t, row, err));
    t->slots[*at] = (slot){ .tag = (uint32_t)(hash >> 32), .group = (uint32_t)t->n };
    if (2 * t->n <= t->mask) return HANA_OK;
    HANA_TRY(make_slots(t, 2 * t->n, err));
    *at = seek(t, t->keys, row, hash);
    return HANA_OK;
}

enum { POLL_EVERY = 1 << 16 };

static hana_status number_by_hash(table *t, size_t *group_of_row, hana_job *job,
                                  hana_error *err)
{
    const hana_keys *keys = t->keys;
    HANA_TRY(make_slots(t, 64, err));
    for (size_t i = 0; i < keys->rows; i++) {
        if (i % POLL_EVERY == 0) HANA_TRY(hana_job_check(job, err));
        group_of_row[i] = HANA_NO_ROW;
        if (keys->lost && keys->lost[i]) continue;
        uint64_t hash = hash_row(keys, i);
        size_t at = seek(t, keys, i, hash);
        if (t->slots[at].group == 0) HANA_TRY(add(t, &at, i, hash, err));
        group_of_row[i] = t->slots[at].group - 1;
    }
    return HANA_OK;
}

/* Whether a table of all possible keys is small beside the rows. */
static int is_direct(const hana_keys *keys)
{
    enum { MOST_BITS = 22 };
    if (keys->n_words != 1 || keys->bits[0] > MOST_BITS) return 0;
    return (size_t)1 << keys->bits[0] <= 4 * keys->rows + 1024;
}

static hana_status number_directly(table *t, size_t *group_of_row, hana_error *err)
{
    const hana_keys *keys = t->keys;
    uint32_t *number = hana_alloc_zero((size_t)1 << keys->bits[0], sizeof *number);
    if (!number) return hana_fail_memory(err);
    hana_status status = HANA_OK;
    for (size_t i = 0; i < keys->rows && status == HANA_OK; i++) {
        group_of_row[i] = HANA_NO_ROW;
        if (keys->lost && keys->lost[i]) continue;
        uint32_t *own = &number[keys->words[i]];
        if (*own == 0) {
            status = add_first(t, i, err);
            *own = (uint32_t)t->n;
        }
        group_of_row[i] = *own - 1;
    }
    hana_free(number);
    return status;
}

hana_status hana_keys_number(size_t **group_of_row, size_t **first_row, size_t *n_groups,
                             const hana_keys *keys, hana_job *job, hana_error *err)
{
    enum { FIRST = 64 };
    table t = { .keys = keys, .capacity = FIRST };
    t.first = hana_alloc(FIRST, sizeof *t.first);
    size_t *groups = hana_alloc(keys->rows, sizeof *groups);
    hana_status status = t.first && groups ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        status = is_direct(keys) ? number_directly(&t, groups, err)
                                 : number_by_hash(&t, groups, job, err);
    }
    hana_free(t.slots);
    if (status != HANA_OK) {
        hana_free(t.first);
        hana_free(groups);
        return status;
    }
    *group_of_row = groups;
    *first_row = t.first;
    *n_groups = t.n;
    return HANA_OK;
}

/* Groups in the order of their keys where a table of all keys is small. Rows are cut into
   segments by their number, each with the first row of each key in it. */
typedef struct ranking {
    hana_keys *keys;
    size_t size, segments, length; /* keys, segments, rows of a segment */
    uint32_t *firsts;              /* segment by segment: 1 + row within it; 0: none */
    uint32_t *rank;
} ranking;

static hana_status find_firsts(void *context, size_t segment, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const ranking *r = context;
    size_t from = segment * r->length, n = r->keys->rows - from;
    if (n > r->length) n = r->length;
    const uint64_t *words = r->keys->words + from;
    uint32_t *firsts = r->firsts + segment * r->size;
    memset(firsts, 0, r->size * sizeof *firsts);
    for (size_t i = 0; i < n; i++)
        if (firsts[words[i]] == 0) firsts[words[i]] = (uint32_t)i + 1;
    return HANA_OK;
}

static hana_status rank_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const ranking *r = context;
    size_t from = block * POLL_EVERY, to = from + POLL_EVERY;
    if (to > r->keys->rows) to = r->keys->rows;
    uint64_t *words = r->keys->words;
    for (size_t i = from; i < to; i++) words[i] = r->rank[words[i]];
    return HANA_OK;
}

static hana_status rank_directly(table *t, hana_keys *keys, hana_job *job,
                                 hana_error *err)
{
    enum { SEGMENTS = 8 };
    size_t blocks = (keys->rows + POLL_EVERY - 1) / POLL_EVERY;
    ranking r = { .keys = keys, .size = (size_t)1 << keys->bits[0] };
    r.length = (keys->rows + SEGMENTS - 1) / SEGMENTS;
    if (r.length < r.size) r.length = r.size;
    if (r.length > UINT32_MAX - 1) r.length = UINT32_MAX - 1;
    r.segments = (keys->rows + r.length - 1) / r.length;
    r.firsts = hana_alloc(r.segments * r.size, sizeof *r.firsts);
    r.rank = hana_alloc(r.size, sizeof *r.rank);
    hana_status status = r.firsts && r.rank ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK)
        status = hana_parallel_steps(job, r.segments, keys->rows, find_firsts, &r, err);
    for (size_t key = 0; status == HANA_OK && key < r.size; key++) {
        for (size_t s = 0; s < r.segments; s++) {
            uint32_t first = r.firsts[s * r.size + key];
            if (first == 0) continue;
            r.rank[key] = (uint32_t)t->n;
            status = add_first(t, s * r.length + first - 1, err);
            break;
        }
    }
    if (status == HANA_OK) status = hana_parallel(job, blocks, rank_block, &r, err);
    hana_free(r.firsts);
    hana_free(r.rank);
    return status;
}

/* Renumbers groups that were numbered as they appeared in the order of their keys. */
static hana_status into_key_order(size_t *group_of_row, size_t *first, size_t n_groups,
                                  const hana_keys *keys, hana_job *job, hana_error *err)
{
    /* Sorting the first rows forgets which group each stood for: group_of_row still
     * tells. */
    HANA_TRY(hana_keys_sort(first, n_groups, keys, job, err));
    size_t *place = hana_alloc(n_groups, sizeof *place);
    if (!place) return hana_fail_memory(err);
    for (size_t g = 0; g < n_groups; g++) place[group_of_row[first[g]]] = g;
    for (size_t i = 0; i < keys->rows; i++) group_of_row[i] = place[group_of_row[i]];
    hana_free(place);
    return HANA_OK;
}

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "words become numbers of groups");

hana_status hana_keys_rank(size_t **group_of_row, size_t **first_row, size_t *n_groups,
                           hana_keys *keys, hana_job *job, hana_error *err)
{
    size_t *groups = NULL, *first = NULL, n = 0;
    hana_status status;
    if (is_direct(keys) && !keys->lost) {
        enum { FIRST = 64 };
        table t = { .keys = keys, .capacity = FIRST };
        t.first = hana_alloc(FIRST, sizeof *t.first);
        status = t.first ? rank_directly(&t, keys, job, err) : hana_fail_memory(err);
        first = t.first;
        n = t.n;
        if (status == HANA_OK) {
            groups = (size_t *)keys->words;
            keys->words = NULL;
        }
    } else {
        status = hana_keys_number(&groups, &first, &n, keys, job, err);
        if (status == HANA_OK) status = into_key_order(groups, first, n, keys, job, err);
    }
    if (status != HANA_OK) {
        hana_free(groups);
        hana_free(first);
        return status;
    }
    *group_of_row = groups;
    *first_row = first;
    *n_groups = n;
    return HANA_OK;
}

/* A search of the other frame's rows in the table, block by block. */
typedef struct search {
    const table *t;
    const uint32_t *number; /* of each key, where the keys are few; else NULL */
    const hana_keys *other;
    size_t *groups;
} search;

static hana_status find_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    const search *s = context;
    const hana_keys *other = s->other;
    size_t from = block * POLL_EVERY, to = from + POLL_EVERY;
    if (to > other->rows) to = other->rows;
    for (size_t i = from; i < to; i++) {
        s->groups[i] = HANA_NO_ROW;
        if (other->lost && other->lost[i]) continue;
        if (s->number) {
            uint32_t group = s->number[other->words[i]];
            if (group) s->groups[i] = group - 1;
            continue;
        }
        size_t at = seek(s->t, other, i, hash_row(other, i));
        if (s->t->slots[at].group) s->groups[i] = s->t->slots[at].group - 1;
    }
    return HANA_OK;
}

hana_status hana_keys_find(size_t **group_of_row, const hana_keys *keys,
                           const size_t *first_row, size_t n_groups,
                           const hana_keys *other, hana_job *job, hana_error *err)
{
    table t = { .keys = keys, .n = n_groups };
    uint32_t *number = NULL;
    size_t *groups = hana_alloc(other->rows, sizeof *groups);
    t.first = hana_alloc(n_groups, sizeof *t.first);
    hana_status status = groups && t.first ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        memcpy(t.first, first_row, n_groups * sizeof *t.first);
        if (is_direct(keys)) {
            number = hana_alloc_zero((size_t)1 << keys->bits[0], sizeof *number);
            if (!number) status = hana_fail_memory(err);
            for (size_t g = 0; number && g < n_groups; g++)
                number[keys->words[first_row[g]]] = (uint32_t)g + 1;
        } else {
            status = make_slots(&t, n_groups, err);
        }
    }
    search s = { .t = &t, .number = number, .other = other, .groups = groups };
    if (status == HANA_OK)
        status = hana_parallel(job, (other->rows + POLL_EVERY - 1) / POLL_EVERY,
                               find_block, &s, err);
    hana_free(t.slots);
    hana_free(t.first);
    hana_free(number);
    if (status != HANA_OK) {
        hana_free(groups);
        return status;
    }
    *group_of_row = groups;
    return HANA_OK;
}
