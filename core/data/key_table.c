#include "data/keys.h"

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

hana_status hana_keys_find(size_t **group_of_row, const hana_keys *keys,
                           const size_t *first_row, size_t n_groups,
                           const hana_keys *other, hana_job *job, hana_error *err)
{
    table t = { .keys = keys, .n = n_groups };
    size_t *first = hana_alloc(n_groups, sizeof *first);
    size_t *groups = hana_alloc(other->rows, sizeof *groups);
    hana_status status = first && groups ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        memcpy(first, first_row, n_groups * sizeof *first);
        t.first = first;
        status = make_slots(&t, n_groups, err);
    }
    for (size_t i = 0; status == HANA_OK && i < other->rows; i++) {
        if (i % POLL_EVERY == 0) status = hana_job_check(job, err);
        groups[i] = HANA_NO_ROW;
        if (other->lost && other->lost[i]) continue;
        size_t at = seek(&t, other, i, hash_row(other, i));
        if (t.slots[at].group) groups[i] = t.slots[at].group - 1;
    }
    hana_free(t.slots);
    hana_free(first);
    if (status != HANA_OK) {
        hana_free(groups);
        return status;
    }
    *group_of_row = groups;
    return HANA_OK;
}
