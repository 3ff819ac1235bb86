#ifndef HANA_DATA_DICTIONARY_H
#define HANA_DATA_DICTIONARY_H

#include "data/column.h"

/* Distinct texts, numbered 0, 1, ... in order of first appearance. */
typedef struct hana_dictionary hana_dictionary;

HANA_API hana_status hana_dictionary_new(hana_dictionary **out, hana_error *err);
HANA_API void hana_dictionary_free(hana_dictionary *dictionary); /* NULL is fine */
HANA_API size_t hana_dictionary_size(const hana_dictionary *dictionary);
/* The number of the text, which is added when it is new. */
HANA_API hana_status hana_dictionary_code(int32_t *out, hana_dictionary *dictionary,
                                          const char *text, size_t length,
                                          hana_error *err);
/* The numbers of the cells [from, to) of a string column, -1 for null; new texts are
   added. */
HANA_API hana_status hana_dictionary_codes(int32_t *out, hana_dictionary *dictionary,
                                           const hana_column *strings, size_t from,
                                           size_t to, hana_error *err);
/* The number of the text, or -1. */
HANA_API int32_t hana_dictionary_find(const hana_dictionary *dictionary, const char *text,
                                      size_t length);
/* Text number `code`, borrowed until the next is added. */
HANA_API const char *hana_dictionary_text(const hana_dictionary *dictionary, int32_t code,
                                          size_t *length);
/* Adds the texts of another; out[its code] = the code here. */
hana_status hana_dictionary_unite(int32_t *out, hana_dictionary *dictionary,
                                  const hana_dictionary *other, hana_error *err);
/* The numbers of all texts in the order of their bytes; the caller frees *order. */
HANA_API hana_status hana_dictionary_order(size_t **order,
                                           const hana_dictionary *dictionary,
                                           hana_error *err);
/* Adds the non-null cells of a string column (the i-th new one gets the next number). */
HANA_API hana_status hana_dictionary_add_column(hana_dictionary *dictionary,
                                                const hana_column *strings,
                                                hana_error *err);
/* All texts as a string column of its own. */
HANA_API hana_status hana_dictionary_column(hana_column **out,
                                            const hana_dictionary *dictionary,
                                            hana_error *err);

#endif
