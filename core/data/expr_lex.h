#ifndef HANA_DATA_EXPR_LEX_H
#define HANA_DATA_EXPR_LEX_H

#include "data/expr.h"

/* Words of an expression: Lua's tokens, and names of any Unicode letters, `names in
   backticks`, $parameters. For the parser only. */
typedef enum hana_token_kind {
    HANA_TOKEN_END,
    HANA_TOKEN_LITERAL, /* value: nil, bool, int, number, string */
    HANA_TOKEN_NAME,
    HANA_TOKEN_PARAM,
    HANA_TOKEN_OP, /* op; '-' is HANA_OP_SUB, `not` HANA_OP_NOT, '#' HANA_OP_LEN */
    HANA_TOKEN_OPEN,
    HANA_TOKEN_CLOSE,
    HANA_TOKEN_OPEN_LIST,
    HANA_TOKEN_CLOSE_LIST,
    HANA_TOKEN_COMMA
} hana_token_kind;

typedef struct hana_token {
    hana_token_kind kind;
    hana_expr_op op;
    size_t from, to;
    hana_value value; /* owned */
    char *name;       /* owned */
    int quoted;       /* a name in backticks is never a function */
} hana_token;

void hana_token_clear(hana_token *token);
/* The word at `at` (blanks skipped), into an empty *out. */
hana_status hana_token_read(hana_token *out, const char *text, size_t length, size_t at,
                            hana_error *err);

#endif
