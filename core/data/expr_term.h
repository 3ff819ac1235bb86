#ifndef HANA_DATA_EXPR_TERM_H
#define HANA_DATA_EXPR_TERM_H

/* The typed form of an expression on one frame, and its evaluation by chunks of rows. For
   the files of the expression engine only.

   A program is a tree of terms. A term has a level: constant, one value a group
   (aggregates), or one value a row. Aggregates and windows (lag, rank, ...) need whole
   columns: hana_program_settle computes them, innermost first, and turns each into a
   column or constant. What is left works row by row and runs over chunks that fit the
   cache, in registers of the worker, on all threads. */

#include "base/job.h"
#include "data/expr.h"

enum {
    HANA_EXPR_CHUNK = 2048,                 /* rows that a kernel sees at a time */
    HANA_EXPR_BLOCK = 32 * HANA_EXPR_CHUNK, /* rows that a worker takes at a time */
    HANA_TERM_ARGS = 4,
    HANA_TERM_DEPTH = 2000
};

/* Hot loops: vectorised, with a copy for AVX2 that gives the same bits. A sanitizer
   cannot run the resolvers of such copies. */
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
#define HANA_KERNEL                                                                      \
    __attribute__((target_clones("avx2", "default"), optimize("O3"), noinline))
#else
#define HANA_KERNEL
#endif

typedef struct hana_slice {
    const char *data;
    size_t length;
} hana_slice;

/* Values of a chunk: f float; i int and datetime; c category codes and dates; b bools as
   bytes 0 or 1; s text. `valid` has a byte a row, 1 = present; NULL when all are. What
   stands in rows that are not valid is arbitrary but readable. */
typedef struct hana_vector {
    union {
        const void *any;
        const double *f;
        const int64_t *i;
        const int32_t *c;
        const uint8_t *b;
        const hana_slice *s;
    } at;
    const uint8_t *valid;
} hana_vector;

typedef struct hana_arena {
    struct hana_arena_page *page;
} hana_arena;

typedef struct hana_term hana_term;
typedef struct hana_program hana_program;

typedef struct hana_chunk {
    const hana_program *program;
    size_t from, n; /* rows [from, from + n) of the domain */
    int by_group;   /* the domain is the groups, not the rows */
    unsigned char *registers;
    size_t capacity; /* rows that a register holds */
    int direct_reg;  /* the register that stands in the result itself, at `direct` */
    void *direct;
    hana_arena arena;          /* emptied before each chunk */
    const hana_vector *inputs; /* by column of the frame; NULL: columns are read */
} hana_chunk;

/* Computes a term on a chunk. `out` comes with the term's own register and, unless the
   term is lax, with the AND of the arguments' validity. `active` (may be NULL) has 0
   where the row's value will not be used: no error may come from there. */
typedef hana_status hana_kernel(hana_vector *out, const hana_term *term,
                                const hana_vector *args, hana_chunk *chunk,
                                const uint8_t *active, hana_error *err);
/* The same for a term that evaluates its arguments itself, with masks of its own. */
typedef hana_status hana_lazy_kernel(hana_vector *out, const hana_term *term,
                                     hana_chunk *chunk, const uint8_t *active,
                                     hana_error *err);
/* Aggregates and windows: from whole argument columns to a column of n_groups or of the
 * rows. */
typedef hana_status hana_whole_kernel(hana_column **out, const hana_term *term,
                                      const hana_column *const *args,
                                      const hana_program *program, hana_error *err);

typedef enum hana_term_kind {
    HANA_TERM_CONSTANT,
    HANA_TERM_COLUMN,
    HANA_TERM_APPLY,
    HANA_TERM_AGGREGATE,
    HANA_TERM_WINDOW
} hana_term_kind;

typedef enum hana_level {
    HANA_LEVEL_CONSTANT,
    HANA_LEVEL_GROUP,
    HANA_LEVEL_ROW
} hana_level;

struct hana_term {
    hana_term_kind kind;
    hana_level level;
    hana_type type;
    int untyped;     /* the literal nil: takes any type */
    size_t from, to; /* in the text, for the caret */
    size_t depth;
    hana_term *args[HANA_TERM_ARGS];
    size_t n_args;

    hana_kernel *run;
    hana_lazy_kernel *lazy;
    hana_whole_kernel *whole;
    int by_order;  /* whole asks for hana_program_order */
    int lax;       /* run sees nulls and sets out->valid itself */
    int fallible;  /* this term or one below may fail on some values */
    int op;        /* what the kernel makes of it */
    int scratches; /* registers wanted besides the own one */
    int reg, scratch[2];

    const hana_column *column; /* COLUMN: held */
    int is_null;               /* CONSTANT */
    union {
        double f;
        int64_t i; /* int, datetime, date, bool, category code */
        hana_slice s;
    } constant;
    const hana_expr_node *list; /* a list argument, borrowed from the tree */
    int64_t number; /* a whole-number option of a function (digits, lag, ...) */
    double share;   /* a quantile's probability */

    const hana_column *levels; /* category: held */
    int ordered;
    char zone[64]; /* datetime */

    void *state; /* what a function prepared (pattern, look-up table) */
    void (*state_free)(void *state);
};

struct hana_program {
    const hana_expr *expr; /* NULL: made from columns, errors have no caret */
    const char *text;
    size_t length;
    const hana_frame *frame; /* NULL: made from columns */
    hana_job *job;
    size_t rows;
    const size_t *group_of_row; /* NULL: all rows are one group */
    size_t groups;
    hana_groups *by; /* NULL likewise; see hana_program_order */
    hana_term **terms;
    size_t n_terms, terms_capacity;
    hana_term *root;
    int registers;
};

/* --- program (expr_program.c) --- */
void hana_program_clear(hana_program *program);
/* A zeroed term of the program, at a node's place in the text (from another term or a
 * node). */
hana_status hana_term_new(hana_term **out, hana_program *program, hana_term_kind kind,
                          hana_type type, size_t from, size_t to, hana_error *err);
/* A row-wise term: sets the level and fallible from the arguments. */
hana_status hana_term_apply(hana_term **out, hana_program *program, hana_type type,
                            hana_kernel *run, hana_term *const *args, size_t n_args,
                            size_t from, size_t to, hana_error *err);
/* A leaf that reads a column (retained here). */
hana_status hana_term_column(hana_term **out, hana_program *program,
                             const hana_column *column, hana_level level, size_t from,
                             size_t to, hana_error *err);
/* Checks the tree against the frame: program->root. */
hana_status hana_program_compile(hana_program *program, const hana_expr *expr,
                                 const hana_frame *frame, hana_job *job, hana_error *err);
/* Computes aggregates and windows. Afterwards the tree is row-wise. */
hana_status hana_program_settle(hana_program *program, hana_term *term, hana_error *err);
/* A term (settled) as a column over the rows, or over the groups. */
hana_status hana_program_column(hana_column **out, hana_program *program, hana_term *term,
                                int by_group, hana_error *err);
/* The rows at which a settled bool term is true, ascending (hana_free). */
hana_status hana_program_rows(size_t **rows, size_t *n, hana_program *program,
                              hana_term *term, hana_error *err);
/* Rows in the order of their groups (starts[g] .. starts[g + 1]); *order is NULL when
   there is one group. Not for several threads. */
hana_status hana_program_order(const size_t **order, const size_t **starts,
                               const hana_program *program, hana_error *err);
/* Fails with a caret under the term. */
hana_status hana_term_fail(const hana_program *program, const hana_term *term,
                           hana_error *err, hana_status status, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* " in row 12" (or group), or "" for a constant, written into `out`. */
enum { HANA_WHERE_SIZE = 40 };
const char *hana_chunk_where(char *out, const hana_term *term, const hana_chunk *chunk,
                             size_t i);

/* --- registers --- */
void *hana_chunk_data(const hana_chunk *chunk, int reg);
uint8_t *hana_chunk_valid(const hana_chunk *chunk, int reg);
hana_status hana_term_run(hana_vector *out, const hana_term *term, hana_chunk *chunk,
                          const uint8_t *active, hana_error *err);
/* Registers for a settled term over up to `rows` rows at a time, for callers that bring
   the rows themselves (chunk->inputs). What the run gives lives until the next one. */
hana_status hana_chunk_open(hana_chunk *chunk, const hana_program *program,
                            hana_term *term, size_t rows, hana_error *err);
hana_status hana_chunk_run(hana_vector *out, hana_chunk *chunk, const hana_term *term,
                           size_t rows, hana_error *err);
void hana_chunk_close(hana_chunk *chunk);
/* Bytes that live until the next chunk; NULL when memory ran out. */
char *hana_arena_take(hana_arena *arena, size_t bytes);
/* A byte a bit, and back; the bitmap begins at a whole byte. */
void hana_bits_spread(uint8_t *bytes, const uint8_t *bits, size_t n);
void hana_bits_pack(uint8_t *bits, const uint8_t *bytes, size_t n);
static inline int hana_vector_has(const hana_vector *v, const uint8_t *active, size_t i)
{
    return (!v->valid || v->valid[i]) && (!active || active[i]);
}

/* --- checking (expr_type.c) --- */
hana_status hana_check(hana_term **out, hana_program *program, const hana_expr_node *node,
                       hana_error *err);
hana_status hana_check_op(hana_term **out, hana_program *program, hana_expr_op op,
                          hana_term *const *args, size_t n, size_t from, size_t to,
                          hana_error *err);
/* "a number", "text", ...: what a term is, for messages. */
const char *hana_term_describe(const hana_term *term);
int hana_term_is_number(const hana_term *term); /* int, float or nil */
int hana_term_is_text(const hana_term *term);   /* string, category or nil */
/* Two categories whose codes mean the same: the same levels in the same order, and an
   order of them in both or in none. */
int hana_term_same_levels(const hana_term *a, const hana_term *b);
/* Fails unless the term is a number, text, a bool, ...; nil passes and becomes a null of
 * `type`. */
hana_status hana_want_number(hana_program *program, hana_term *term, const char *what,
                             hana_error *err);
hana_status hana_want_text(hana_program *program, hana_term **term, const char *what,
                           hana_error *err);
hana_status hana_want_bool(hana_program *program, hana_term *term, const char *what,
                           hana_error *err);
/* A constant whole number, or a constant number. */
hana_status hana_want_whole(int64_t *out, hana_program *program, const hana_term *term,
                            const char *what, hana_error *err);
hana_status hana_want_constant(double *out, hana_program *program, const hana_term *term,
                               const char *what, hana_error *err);
/* Bools as 0 and 1; other terms stay as they are (expr_cast.c). */
hana_status hana_term_count_true(hana_term **term, hana_program *program,
                                 hana_error *err);
/* Converts without loss of meaning: int to float, category to string, nil to any, ISO
   text constant to date and datetime. */
hana_status hana_term_convert(hana_term **term, hana_program *program, hana_type type,
                              hana_error *err);
/* To a date or datetime: nil, ISO text constants (local in the zone), dates (their
   midnight in the zone). (expr_time.c) */
hana_status hana_term_to_time(hana_term **term, hana_program *program, hana_type type,
                              const char *zone, hana_error *err);
/* Brings terms to one type; clashes are errors at the second that differs. */
hana_status hana_terms_unify(hana_term **terms, size_t n, hana_program *program,
                             const char *what, hana_error *err);

/* --- functions (expr_function.c and the files of kernels) --- */
typedef enum hana_function_kind {
    HANA_FUNCTION_ROW,
    HANA_FUNCTION_WINDOW,
    HANA_FUNCTION_AGGREGATE
} hana_function_kind;

typedef struct hana_call {
    hana_program *program;
    const struct hana_function *function;
    hana_term **args;
    size_t n_args;
    size_t from, to;
} hana_call;
typedef hana_status hana_check_call(hana_term **out, hana_call *call, hana_error *err);

typedef struct hana_function {
    hana_function_info info;
    int min, max; /* arguments; max -1: any number */
    hana_function_kind kind;
    hana_check_call *check;
    int op;
    unsigned lists; /* bit i: argument i may be a list */
} hana_function;

const hana_function *hana_function_find(const char *name);
extern const hana_function hana_functions_number[], hana_functions_logic[],
    hana_functions_text[], hana_functions_time[], hana_functions_window[],
    hana_functions_aggregate[], hana_functions_cast[];

/* Functions that live beside kernels of another file. */
hana_check_call hana_check_between, hana_check_is_in, hana_check_cut;
/* A bool for each level of a category, from the table in term->state. */
hana_kernel hana_kernel_levels;
int hana_slice_order(hana_slice a, hana_slice b); /* by bytes: -1, 0, 1 */

/* Operators, by the files that have their kernels. */
hana_status hana_check_arith(hana_term **out, hana_program *program, hana_expr_op op,
                             hana_term *const *args, size_t from, size_t to,
                             hana_error *err);
/* Whether a date or datetime takes part in + or -, and what comes of it (expr_time.c). */
int hana_is_time_arith(hana_expr_op op, const hana_term *a, const hana_term *b);
hana_status hana_check_time_arith(hana_term **out, hana_program *program, hana_expr_op op,
                                  hana_term *const *args, size_t from, size_t to,
                                  hana_error *err);
hana_status hana_check_negate(hana_term **out, hana_program *program, hana_term *arg,
                              size_t from, size_t to, hana_error *err);
hana_status hana_check_compare(hana_term **out, hana_program *program, hana_expr_op op,
                               hana_term *const *args, size_t from, size_t to,
                               hana_error *err);
hana_status hana_check_logic(hana_term **out, hana_program *program, hana_expr_op op,
                             hana_term *const *args, size_t from, size_t to,
                             hana_error *err);
hana_status hana_check_concat(hana_term **out, hana_program *program,
                              hana_term *const *args, size_t from, size_t to,
                              hana_error *err);
hana_status hana_check_len(hana_term **out, hana_program *program, hana_term *arg,
                           size_t from, size_t to, hana_error *err);

/* --- messages (expr.c) --- */
/* The sentence, then the text (a window of it) and a caret line under [from, to). */
hana_status hana_expr_fail(const char *text, size_t length, size_t from, size_t to,
                           hana_error *err, hana_status status, const char *format, ...)
    __attribute__((format(printf, 7, 8)));
hana_status hana_expr_fail_v(const char *text, size_t length, size_t from, size_t to,
                             hana_error *err, hana_status status, const char *format,
                             va_list args);

#endif
