#include "mixed.h"

static const struct {
    const char *many;
    hana_mixed_kind a, b;
} sorts[] = {
    { "true or false", HANA_MIXED_BOOL, HANA_MIXED_BOOL },
    { "numbers", HANA_MIXED_INT, HANA_MIXED_FLOAT },
    { "dates", HANA_MIXED_DATE, HANA_MIXED_DATETIME },
    { "text", HANA_MIXED_STRING, HANA_MIXED_STRING },
    { "lists or objects", HANA_MIXED_NESTED, HANA_MIXED_NESTED },
};
enum { N_SORTS = sizeof sorts / sizeof *sorts };

hana_status hana_mixed_show(hana_text *out, const hana_mixed *cells, size_t row,
                            hana_error *err)
{
    enum { LONGEST = 60 };
    hana_mixed_cursor cursor = { .of = cells };
    hana_mixed_cell cell = { 0 };
    while (cursor.i <= row && hana_mixed_next(&cursor, &cell)) continue;
    hana_mixed_print(out, &cell);
    if (out->failed) return hana_fail_memory(err);
    if (!out->data) hana_text_puts(out, "");
    if (out->length > LONGEST) {
        size_t n = LONGEST;
        while (n > 0 && ((unsigned char)out->data[n] & 0xC0) == 0x80) n--;
        out->data[out->length = n] = '\0';
        hana_text_puts(out, "...");
    }
    for (size_t i = 0; i < out->length; i++)
        if ((unsigned char)out->data[i] < 0x20) out->data[i] = ' ';
    return out->failed ? hana_fail_memory(err) : HANA_OK;
}

int hana_mixed_sorts(hana_text *out, const hana_mixed *cells,
                     const hana_mixed_counts *counts, size_t j, hana_mixed_place *place,
                     const void *context)
{
    int n = 0;
    for (size_t k = 0; k < N_SORTS; k++) {
        hana_mixed_kind a = sorts[k].a, b = sorts[k].b;
        size_t many = counts->of[a] + (b != a ? counts->of[b] : 0);
        if (many == 0) continue;
        size_t first = counts->of[a] ? counts->first[a] : counts->first[b];
        if (counts->of[a] && counts->of[b] && counts->first[b] < first)
            first = counts->first[b];
        char where[HANA_MIXED_PLACE];
        hana_text text = { 0 };
        place(context, where, first - 1, j);
        if (hana_mixed_show(&text, cells, first - 1, NULL) == HANA_OK)
            hana_text_printf(out, "%s%s (%zu, the first is '%s' in %s)", n ? ", " : "",
                             sorts[k].many, many, text.data, where);
        else
            out->failed = 1;
        hana_text_clear(&text);
        n++;
    }
    return n;
}
