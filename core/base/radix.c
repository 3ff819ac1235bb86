#include "radix.h"

#include "memory.h"

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS, PASSES = 6, FEW = 48 };

static void sort_few(uint64_t *keys, size_t *items, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        size_t item = items ? items[i] : 0, j = i;
        for (; j > 0 && keys[j - 1] > key; j--) {
            keys[j] = keys[j - 1];
            if (items) items[j] = items[j - 1];
        }
        keys[j] = key;
        if (items) items[j] = item;
    }
}

static size_t digit(uint64_t key, int shift)
{
    return (size_t)(key >> shift) & (DIGITS - 1);
}

static void scatter(uint64_t *keys_to, const uint64_t *keys, size_t *items_to,
                    const size_t *items, size_t n, size_t *start, int shift)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = start[digit(keys[i], shift)]++;
        keys_to[at] = keys[i];
        if (items) items_to[at] = items[i];
    }
}

/* Counts to starts; 0 when all keys have the same digit and the pass can be left out. */
static int starts(size_t *count, size_t n)
{
    size_t sum = 0;
    for (size_t d = 0; d < DIGITS; d++) {
        if (count[d] == n) return 0;
        size_t here = count[d];
        count[d] = sum;
        sum += here;
    }
    return 1;
}

hana_status hana_radix_sort(uint64_t *keys, size_t *items, size_t n, hana_error *err)
{
    if (n <= FEW) {
        sort_few(keys, items, n);
        return HANA_OK;
    }
    size_t *count = hana_alloc_zero(PASSES * DIGITS, sizeof *count);
    uint64_t *other_keys = hana_alloc(n, sizeof *other_keys);
    size_t *other_items = items ? hana_alloc(n, sizeof *other_items) : NULL;
    hana_status status = HANA_OK;
    if (!count || !other_keys || (items && !other_items))
        HANA_GOTO(done, hana_fail_memory(err));
    for (size_t i = 0; i < n; i++)
        for (int pass = 0; pass < PASSES; pass++)
            count[(size_t)pass * DIGITS + digit(keys[i], pass * DIGIT_BITS)]++;
    uint64_t *from = keys, *to = other_keys;
    size_t *items_from = items, *items_to = other_items;
    for (int pass = 0; pass < PASSES; pass++) {
        size_t *own = count + (size_t)pass * DIGITS;
        if (!starts(own, n)) continue;
        scatter(to, from, items_to, items_from, n, own, pass * DIGIT_BITS);
        uint64_t *keep = from;
        from = to;
        to = keep;
        size_t *keep_items = items_from;
        items_from = items_to;
        items_to = keep_items;
    }
    if (from != keys) {
        memcpy(keys, from, n * sizeof *keys);
        if (items) memcpy(items, items_from, n * sizeof *items);
    }
done:
    hana_free(count);
    hana_free(other_keys);
    hana_free(other_items);
    return status;
}
