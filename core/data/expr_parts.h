#ifndef HANA_DATA_EXPR_PARTS_H
#define HANA_DATA_EXPR_PARTS_H

/* The inside of an expression, for the files that make and write trees. */

#include "data/expr.h"

#include <stdatomic.h>

struct hana_expr {
    atomic_size_t references;
    char *text;
    size_t length;
    hana_expr_node *root;
};

hana_status hana_expr_node_new(hana_expr_node **out, hana_expr_kind kind, size_t from,
                               size_t to, hana_error *err);
void hana_expr_node_free(hana_expr_node *node); /* NULL is fine */
/* Appends an argument, which is taken over even on failure. */
hana_status hana_expr_node_push(hana_expr_node *node, hana_expr_node *arg,
                                hana_error *err);
hana_status hana_expr_node_copy(hana_expr_node **out, const hana_expr_node *node,
                                hana_error *err);
/* Takes the root over on success. */
hana_status hana_expr_make(hana_expr **out, const char *text, size_t length,
                           hana_expr_node *root, hana_error *err);

#endif
