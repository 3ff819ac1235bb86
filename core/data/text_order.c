#include "data/text_order.h"

#include "base/job.h"
#include "base/memory.h"
#include "base/radix.h"

#include <stdlib.h>
#include <string.h>

/* Texts are sorted by eight bytes as one number, those that agree by the next eight; few
   of them by comparing. */
enum { STEP = 8, FEW = 4096, DEEPEST = 32 * STEP };

typedef struct ordering {
    const char *text;
    const int64_t *offsets;
} ordering;

typedef struct item {
    const char *text;
    size_t length, place;
} item;

static int by_bytes(const void *a, const void *b)
{
    const item *x = a, *y = b;
    size_t shorter = x->length < y->length ? x->length : y->length;
    int order = shorter ? memcmp(x->text, y->text, shorter) : 0;
    if (order) return order;
    if (x->length != y->length) return x->length > y->length ? 1 : -1;
    return (x->place > y->place) - (x->place < y->place);
}

static hana_status compare_all(const ordering *o, size_t *order, size_t n,
                               hana_error *err)
{
    item *items = hana_alloc(n, sizeof *items);
    if (!items) return hana_fail_memory(err);
    for (size_t k = 0; k < n; k++) {
        size_t place = order[k];
        items[k] = (item){ .text = o->text + o->offsets[place],
                           .length = (size_t)(o->offsets[place + 1] - o->offsets[place]),
                           .place = place };
    }
    qsort(items, n, sizeof *items, by_bytes);
    for (size_t k = 0; k < n; k++) order[k] = items[k].place;
    hana_free(items);
    return HANA_OK;
}

/* Eight bytes from `depth` on, zeros behind the end; *ends when the text ends in them. */
static uint64_t key_at(const ordering *o, size_t place, size_t depth, int *ends)
{
    const char *from = o->text + o->offsets[place];
    size_t length = (size_t)(o->offsets[place + 1] - o->offsets[place]);
    size_t left = length > depth ? length - depth : 0;
    uint64_t key = 0;
    *ends = left < STEP;
    for (size_t i = 0; i < STEP; i++)
        key = key << 8 | (i < left ? (unsigned char)from[depth + i] : 0);
    return key;
}

static hana_status sort_from(const ordering *o, size_t *order, size_t n, size_t depth,
                             uint64_t *keys, hana_error *err)
{
    int ends;
    for (size_t k = 0; k < n; k++) {
        HANA_TRY(hana_poll(k, err));
        keys[k] = key_at(o, order[k], depth, &ends);
    }
    HANA_TRY(hana_radix_sort(keys, order, n, err));
    for (size_t from = 0, to; from < n; from = to) {
        to = from + 1;
        while (to < n && keys[to] == keys[from]) to++;
        if (to - from == 1) continue;
        HANA_TRY(hana_poll_job(err));
        int any_ends = 0;
        for (size_t k = from; k < to && !any_ends; k++)
            key_at(o, order[k], depth, &any_ends);
        /* A zero byte and the end of a text look alike in a key. */
        if (to - from <= FEW || any_ends || depth >= DEEPEST)
            HANA_TRY(compare_all(o, order + from, to - from, err));
        else
            HANA_TRY(
                sort_from(o, order + from, to - from, depth + STEP, keys + from, err));
    }
    return HANA_OK;
}

hana_status hana_text_order(size_t **order, const char *text, const int64_t *offsets,
                            size_t n, hana_error *err)
{
    ordering o = { .text = text, .offsets = offsets };
    size_t *places = hana_alloc(n, sizeof *places);
    uint64_t *keys = hana_alloc(n, sizeof *keys);
    hana_status status = places && keys ? HANA_OK : hana_fail_memory(err);
    if (status == HANA_OK) {
        for (size_t k = 0; k < n; k++) places[k] = k;
        status = n <= FEW ? compare_all(&o, places, n, err)
                          : sort_from(&o, places, n, 0, keys, err);
    }
    hana_free(keys);
    if (status != HANA_OK) {
        hana_free(places);
        return status;
    }
    *order = places;
    return HANA_OK;
}
