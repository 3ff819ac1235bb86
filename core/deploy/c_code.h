#ifndef HANA_DEPLOY_C_CODE_H
#define HANA_DEPLOY_C_CODE_H

#include "data/expr.h"
#include "learn/export.h"

/* Named values of the exported program: each stands in a slot of v[] (numbers) or t[]
   (texts). A name that is made again gets a new slot, so that earlier uses keep theirs.
 */
typedef struct hana_c_value {
    char *name;
    int is_text;
    size_t slot;
} hana_c_value;

typedef struct hana_c_values {
    size_t n;
    hana_c_value *items;
    size_t numbers, texts; /* slots in use */
} hana_c_values;

void hana_c_values_clear(hana_c_values *values);
/* The newest value of that name, or NULL. */
const hana_c_value *hana_c_value_find(const hana_c_values *values, const char *name);
hana_status hana_c_value_add(const hana_c_value **out, hana_c_values *values,
                             const char *name, int is_text, hana_error *err);

/* Texts in C: a string literal, and a number that reads back to the same bits. */
void hana_c_string(hana_text *out, const char *text, size_t length);
void hana_c_number(hana_text *out, double value);

/* The expression as a C expression over v[] and t[]; numbers, or 0, 1 and NAN for bools.
 */
hana_status hana_c_expression(hana_text *out, const hana_expr_node *node,
                              const hana_c_values *values, hana_error *err);
/* The functions that such expressions call. */
extern const char *const hana_c_prelude;

#endif
