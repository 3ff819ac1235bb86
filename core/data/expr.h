#ifndef HANA_DATA_EXPR_H
#define HANA_DATA_EXPR_H

#include "base/job.h"
#include "data/frame.h"
#include "data/groups.h"

/* Expressions over the columns of a frame: Lua's expression grammar (API.md,
   "Expressions"). The tree is public, so that plans, C and SQL can be written from it. */
typedef enum hana_expr_kind {
    HANA_EXPR_LITERAL, /* value: null (nil), bool, int, number or string */
    HANA_EXPR_COLUMN,  /* name */
    HANA_EXPR_PARAM,   /* $name, replaced by its literal when it is bound */
    HANA_EXPR_LIST,    /* { a, b, ... } of literals */
    HANA_EXPR_UNARY,   /* op, args[0] */
    HANA_EXPR_BINARY,  /* op, args[0], args[1] */
    HANA_EXPR_CALL     /* name, args */
} hana_expr_kind;

typedef enum hana_expr_op {
    HANA_OP_NONE,
    HANA_OP_OR,
    HANA_OP_AND,
    HANA_OP_LT,
    HANA_OP_LE,
    HANA_OP_GT,
    HANA_OP_GE,
    HANA_OP_EQ,
    HANA_OP_NE,
    HANA_OP_CONCAT,
    HANA_OP_ADD,
    HANA_OP_SUB,
    HANA_OP_MUL,
    HANA_OP_DIV,
    HANA_OP_IDIV,
    HANA_OP_MOD,
    HANA_OP_POW,
    HANA_OP_NEG,
    HANA_OP_NOT,
    HANA_OP_LEN
} hana_expr_op;
enum { HANA_N_OPS = HANA_OP_LEN + 1 };

typedef struct hana_expr_node {
    hana_expr_kind kind;
    hana_expr_op op;
    char *name;       /* column, parameter or function */
    hana_value value; /* literal */
    struct hana_expr_node **args;
    size_t n_args;
    size_t from, to; /* byte range in the text, for the caret */
} hana_expr_node;

typedef struct hana_expr hana_expr; /* a parsed text and its tree; immutable, counted */

extern HANA_API const hana_class hana_expr_class;
HANA_API const hana_expr *hana_expr_retain(const hana_expr *expr);
HANA_API void hana_expr_release(const hana_expr *expr);

/* Parses; an error message has the text and a caret on two further lines, and
   err->position. Depth is limited (200), so that hostile text cannot overflow the stack.
   `params` is a map of values for $names, or NULL. Functions and their numbers of
   arguments are checked here. */
HANA_API hana_status hana_expr_parse(hana_expr **out, const char *text, size_t length,
                                     const hana_value *params, hana_error *err);
/* Adds the names of the $parameters in a text to *out, each once; what cannot be read
   ends the search. */
HANA_API hana_status hana_expr_params(hana_names *out, const char *text, size_t length,
                                      hana_error *err);
HANA_API const char *hana_expr_text(const hana_expr *expr);
HANA_API const hana_expr_node *hana_expr_root(const hana_expr *expr);
/* The names of the columns it reads, each once, in order of appearance, into an empty
 * *out. */
HANA_API hana_status hana_expr_columns(hana_names *out, const hana_expr *expr,
                                       hana_error *err);
/* 1 when a cell depends on its own row alone (no aggregates, lags, ranks, row numbers).
 */
HANA_API int hana_expr_is_rowwise(const hana_expr *expr);

/* The type of the result on a frame with these columns, without evaluating. */
HANA_API hana_status hana_expr_type(hana_type *out, const hana_expr *expr,
                                    const hana_frame *frame, hana_error *err);
/* A column of the frame's length. Aggregates are broadcast. Type clashes, integer
   overflow, division of integers by 0 are errors with a caret. */
HANA_API hana_status hana_expr_eval(hana_column **out, const hana_expr *expr,
                                    const hana_frame *frame, hana_job *job,
                                    hana_error *err);
/* One value: the expression must be an aggregate or constant ("mean(age) / count()"); a
   column of length 1. For summarize. */
HANA_API hana_status hana_expr_eval_scalar(hana_column **out, const hana_expr *expr,
                                           const hana_frame *frame, hana_job *job,
                                           hana_error *err);

/* The same by groups of the frame's rows. One value a group, in a column of groups->n:
   aggregates run over the rows of each group in one pass. For summarize over groups. */
hana_status hana_expr_eval_groups(hana_column **out, const hana_expr *expr,
                                  const hana_frame *frame, hana_groups *groups,
                                  hana_job *job, hana_error *err);
/* A column of the frame's length in which aggregates, lags and ranks see the rows of
   their own group (in row order) only. For mutate and filter over groups. */
hana_status hana_expr_eval_within(hana_column **out, const hana_expr *expr,
                                  const hana_frame *frame, hana_groups *groups,
                                  hana_job *job, hana_error *err);

/* A copy that reads column `to` wherever `expr` reads column `from`. The text ".x" names
   a column of that name, so that "log1p(.x)" is written once for many columns. The text
   of the copy is the canonical one. */
HANA_API hana_status hana_expr_rename(hana_expr **out, const hana_expr *expr,
                                      const char *from, const char *to, hana_error *err);

/* Column arithmetic of the host language: op over two columns (either may have length 1).
 */
HANA_API hana_status hana_column_arith(hana_column **out, hana_expr_op op,
                                       const hana_column *a, const hana_column *b,
                                       hana_job *job, hana_error *err);
/* An aggregate by its name ("mean", "quantile" with argument 0.9, ...) over a column:
 * length 1. */
HANA_API hana_status hana_column_aggregate(hana_column **out, const char *name,
                                           const hana_column *column,
                                           const hana_value *args, size_t n_args,
                                           hana_job *job, hana_error *err);

/* The functions that expressions know, for help and completion. NULL-terminated table. */
typedef struct hana_function_info {
    const char *name, *arguments, *help;
} hana_function_info;
HANA_API const hana_function_info *hana_expr_functions(void);

#endif
