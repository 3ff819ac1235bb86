#include "csv_parts.h"

#include "data/dictionary.h"

#include <string.h>

/* A name like `base` that is not among the names yet: base_2, base_3, ...; *k is the
   number of the last one, 1 when there was none. */
static hana_status fresh(hana_text *out, const hana_dictionary *known, const char *base,
                         size_t *k, hana_error *err)
{
    for (;;) {
        hana_text_clear(out);
        hana_text_printf(out, "%s_%zu", base, ++*k);
        if (out->failed) return hana_fail_memory(err);
        if (hana_dictionary_find(known, out->data, out->length) < 0) return HANA_OK;
    }
}

static hana_status add_name(hana_names *names, hana_dictionary *known, size_t *taken,
                            size_t place, const char *header, hana_csv_facts *facts,
                            hana_error *err)
{
    hana_text made = { 0 };
    int32_t code = -1;
    hana_status status = HANA_OK;
    if (header[strspn(header, " \t")] == '\0') {
        hana_text_printf(&made, "column_%zu", place);
        if (made.failed) HANA_GOTO(done, hana_fail_memory(err));
        if (hana_dictionary_find(known, made.data, made.length) >= 0) {
            hana_text base = made;
            made = (hana_text){ 0 };
            size_t last = 1;
            status = fresh(&made, known, base.data, &last, err);
            hana_text_clear(&base);
            if (status != HANA_OK) goto done;
        }
        HANA_GOTO(done,
                  hana_csv_note(facts, err,
                                "field %zu of the header is empty: it is called '%s'",
                                place, made.data));
    } else {
        code = hana_dictionary_find(known, header, strlen(header));
        if (taken[code]) {
            HANA_GOTO(done, fresh(&made, known, header, &taken[code], err));
            HANA_GOTO(done,
                      hana_csv_note(facts, err,
                                    "'%s' stands in the header again: it is called '%s'",
                                    header, made.data));
        }
        if (taken[code] == 0) taken[code] = 1;
    }
    if (made.data)
        HANA_GOTO(done, hana_dictionary_code(&code, known, made.data, made.length, err));
    status = hana_names_add(names, made.data ? made.data : header, err);
done:
    hana_text_clear(&made);
    return status;
}

hana_status hana_csv_names(hana_names *out, const hana_csv_cell *cells, size_t n,
                           int header, hana_csv_facts *facts, hana_error *err)
{
    hana_dictionary *known = NULL;
    hana_names names = { 0 };
    size_t *taken = hana_alloc_zero(n, sizeof *taken); /* by header: the last number */
    hana_status status;
    if (!taken) return hana_fail_memory(err);
    HANA_GOTO(done, hana_dictionary_new(&known, err));
    for (size_t j = 0; header && j < n; j++) {
        int32_t code;
        if (cells[j].length)
            HANA_GOTO(done, hana_dictionary_code(&code, known, cells[j].text,
                                                 cells[j].length, err));
    }
    for (size_t j = 0; j < n; j++) {
        hana_text text = { 0 };
        if (header)
            hana_text_add(&text, cells[j].text, cells[j].length);
        else
            hana_text_printf(&text, "column_%zu", j + 1);
        if (text.failed)
            status = hana_fail_memory(err);
        else if (header)
            status = add_name(&names, known, taken, j + 1, text.data, facts, err);
        else
            status = hana_names_add(&names, text.data, err);
        hana_text_clear(&text);
        if (status != HANA_OK) goto done;
    }
    *out = names;
    names = (hana_names){ 0 };
done:
    hana_names_clear(&names);
    hana_dictionary_free(known);
    hana_free(taken);
    return status;
}
