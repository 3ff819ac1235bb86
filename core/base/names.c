#include "value.h"

#include "memory.h"
#include "text.h"

#include <string.h>

void hana_names_clear(hana_names *names)
{
    for (size_t i = 0; i < names->n; i++) hana_free(names->items[i]);
    hana_free(names->items);
    *names = (hana_names){ 0 };
}

hana_status hana_names_add(hana_names *names, const char *name, hana_error *err)
{
    /* The copy first, so that names that were empty hold nothing after a failure. */
    char *copy = hana_strdup(name);
    if (!copy) return hana_fail_memory(err);
    char **items = names->items;
    /* The block's size is the capacity: it doubles when it is full. */
    if ((names->n + 1) * sizeof *items > hana_block_size(items)) {
        items = hana_realloc(items, names->n ? 2 * names->n : 8, sizeof *items);
        if (!items) {
            hana_free(copy);
            return hana_fail_memory(err);
        }
        names->items = items;
    }
    items[names->n++] = copy;
    return HANA_OK;
}

hana_status hana_names_copy(hana_names *out, const hana_names *names, hana_error *err)
{
    hana_names made = { 0 };
    for (size_t i = 0; i < names->n; i++) {
        hana_status status = hana_names_add(&made, names->items[i], err);
        if (status != HANA_OK) {
            hana_names_clear(&made);
            return status;
        }
    }
    *out = made;
    return HANA_OK;
}

ptrdiff_t hana_names_find(const hana_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp(names->items[i], name) == 0) return (ptrdiff_t)i;
    }
    return -1;
}

/* Longer names are compared by their beginnings. */
enum { LONGEST = 64 };

/* Code points with ASCII letters in lower case: "Age" is as near to "age" as can be. */
static size_t letters(int32_t *out, const char *name)
{
    size_t length = strlen(name), n = 0, bytes;
    for (size_t i = 0; i < length && n < LONGEST; i += bytes) {
        int32_t c = hana_utf8_decode(name + i, length - i, &bytes);
        if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
        out[n++] = c;
    }
    return n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: insertions, deletions, substitutions, swaps of neighbours. */
static size_t distance(const int32_t *a, size_t n, const int32_t *b, size_t m)
{
    size_t rows[3][LONGEST + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    for (size_t j = 0; j <= m; j++) last[j] = before[j] = j;
    for (size_t i = 1; i <= n; i++) {
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
            best = least(best, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                best = least(best, before[j - 2] + 1);
            }
            now[j] = best;
        }
        size_t *recycled = before;
        before = last;
        last = now;
        now = recycled;
    }
    return last[m];
}

const char *hana_nearest(const char *name, const char *const *candidates, size_t n)
{
    int32_t a[LONGEST], b[LONGEST];
    size_t length = letters(a, name);
    const char *nearest = NULL;
    /* A third rounded up, but never every letter: "ag" finds "age", "x" does not find
     * "y". */
    size_t best = least((length + 2) / 3 + 1, length);
    for (size_t i = 0; i < n; i++) {
        size_t other = letters(b, candidates[i]);
        if ((other > length ? other - length : length - other) >= best) continue;
        size_t d = distance(a, length, b, other);
        if (d >= best) continue;
        best = d;
        nearest = candidates[i];
    }
    return nearest;
}

hana_status hana_fail_unknown(hana_error *err, const char *what, const char *name,
                              const char *where, const char *const *candidates, size_t n)
{
    const char *nearest = hana_nearest(name, candidates, n);
    if (!nearest)
        return hana_fail(err, HANA_NO_SUCH_NAME, "%s '%s'%s", what, name, where);
    return hana_fail(err, HANA_NO_SUCH_NAME, "%s '%s'%s; did you mean '%s'?", what, name,
                     where, nearest);
}
