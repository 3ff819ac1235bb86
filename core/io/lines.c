#include "lines.h"

#include <string.h>

static hana_status make_room(hana_lines *l, hana_error *err)
{
    if (l->n < l->capacity) return HANA_OK;
    size_t capacity = l->capacity ? l->capacity * 2 : 8;
    int64_t *grown = hana_realloc(l->ranges, capacity, 2 * sizeof *grown);
    if (!grown) return hana_fail_memory(err);
    l->ranges = grown;
    l->capacity = capacity;
    return HANA_OK;
}

hana_status hana_lines_add(hana_lines *l, int64_t from, int64_t to, hana_error *err)
{
    size_t at = l->n;
    while (at > 0 && l->ranges[2 * at - 2] > from) at--;
    if (at > 0 && l->ranges[2 * at - 1] >= from - 1) at--;
    size_t next = at;
    for (; next < l->n && l->ranges[2 * next] - 1 <= to; next++) {
        if (l->ranges[2 * next] < from) from = l->ranges[2 * next];
        if (l->ranges[2 * next + 1] > to) to = l->ranges[2 * next + 1];
    }
    if (next > at) {
        int64_t *range = l->ranges + 2 * at;
        range[0] = from;
        range[1] = to;
        memmove(range + 2, l->ranges + 2 * next, (l->n - next) * 2 * sizeof *range);
        l->n -= next - at - 1;
        return HANA_OK;
    }
    if (l->n == HANA_LINES_MOST) {
        l->more = 1;
        return HANA_OK;
    }
    HANA_TRY(make_room(l, err));
    int64_t *range = l->ranges + 2 * at;
    memmove(range + 2, range, (l->n - at) * 2 * sizeof *range);
    range[0] = from;
    range[1] = to;
    l->n++;
    return HANA_OK;
}

hana_status hana_lines_join(hana_lines *l, const hana_lines *others, int64_t base,
                            hana_error *err)
{
    for (size_t i = 0; i < others->n; i++)
        HANA_TRY(hana_lines_add(l, base + others->ranges[2 * i],
                                base + others->ranges[2 * i + 1], err));
    l->more |= others->more;
    return HANA_OK;
}

void hana_lines_clear(hana_lines *l)
{
    hana_free(l->ranges);
    *l = (hana_lines){ 0 };
}

void hana_lines_say(hana_text *out, const hana_lines *l)
{
    enum { SHOWN = 10 };
    for (size_t i = 0; i < l->n && i < SHOWN; i++) {
        long long from = (long long)l->ranges[2 * i],
                  to = (long long)l->ranges[2 * i + 1];
        hana_text_printf(out, "%s%lld", i ? ", " : "", from);
        if (to > from) hana_text_printf(out, "-%lld", to);
    }
    if (l->more || l->n > SHOWN) hana_text_puts(out, ", ...");
}

hana_status hana_lines_list(hana_value *out, const hana_lines *l, hana_error *err)
{
    hana_value list = { 0 };
    size_t n = 0;
    HANA_TRY(hana_value_new_list(&list, err));
    for (size_t i = 0; i < l->n; i++)
        for (int64_t k = l->ranges[2 * i];
             k <= l->ranges[2 * i + 1] && n < HANA_LINES_MOST; k++, n++) {
            hana_status status = hana_value_push(&list, hana_value_int(k), err);
            if (status == HANA_OK) continue;
            hana_value_clear(&list);
            return status;
        }
    *out = list;
    return HANA_OK;
}
