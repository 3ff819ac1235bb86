#ifndef HANA_LEARN_OPTION_H
#define HANA_LEARN_OPTION_H

#include "base/job.h"
#include "base/value.h"
#include "data/expr.h"
#include "data/selector.h"

/* Options are descriptor rows over a plain struct: one row a field, set by name through
   one door from C and from the host language alike. */

typedef struct hana_spec hana_spec;
typedef struct hana_fitted hana_fitted;

/* Field types that are more than a number. All are zeroed memory when empty. */
typedef struct hana_number_or_choice {
    int choice; /* index into the row's choices, or -1 for a number */
    double number;
} hana_number_or_choice;
typedef struct hana_numbers {
    size_t n;
    double *items;
} hana_numbers;
typedef struct hana_column_lists {
    size_t n;
    hana_columns *items;
} hana_column_lists;
typedef struct hana_named_exprs { /* { {name, expression}, ... } */
    hana_names names;
    const hana_expr **exprs;
} hana_named_exprs;
typedef struct hana_specs { /* estimators; names are the given ones or made from the
                               parts' names */
    size_t n;
    const hana_spec **items;
    hana_names names;
} hana_specs;
typedef struct hana_model_ref { /* an estimator, fitted or not */
    const hana_spec *spec;
    const hana_fitted *fitted;
} hana_model_ref;

/* Host code: a function, table or state of the host language, known to the core as a
   token that the binding keeps alive. Called on the job's owner thread only. */
typedef struct hana_host_ops {
    /* Calls the function behind the token; the result is written to an empty *result. */
    hana_status (*call)(void *host, uint64_t token, const hana_value *args, size_t n_args,
                        hana_value *result, hana_error *err);
    /* The same, but the result stays in the host as a new token (a fitted state). */
    hana_status (*call_keep)(void *host, uint64_t token, const hana_value *args,
                             size_t n_args, uint64_t *result, hana_error *err);
    /* A host value as a value (JSON-like) and back: how a state is saved and loaded. */
    hana_status (*to_value)(void *host, uint64_t token, hana_value *out, hana_error *err);
    hana_status (*from_value)(void *host, const hana_value *value, uint64_t *token,
                              hana_error *err);
    /* The token of a function registered under `name` (what a saved host model is found
     * by). */
    hana_status (*find)(void *host, const char *name, uint64_t *token, hana_error *err);
    void (*retain)(uint64_t token);
    void (*release)(uint64_t token); /* any thread: only queues it */
} hana_host_ops;
typedef struct hana_host {
    const hana_host_ops *ops;
    uint64_t token; /* 0: none */
} hana_host;
/* How a host thing travels in a hana_value: an object of this class, made by the binding;
   the pointer is a counted hana_host. */
extern HANA_API const hana_class hana_host_class;
HANA_API hana_status
hana_host_value(hana_value *out, const hana_host_ops *ops, uint64_t token,
                hana_error *err); /* takes a reference to the token */

/* The binding registers its operations once, so that model files can find host functions:
   those of the part named `name` are found as "name.option" ("mine.predict"). */
HANA_API void hana_host_register(const hana_host_ops *ops);
HANA_API const hana_host_ops *hana_host_registered(void); /* NULL: no host */

typedef enum hana_option_kind {
    HANA_NUMBER,           /* double */
    HANA_INTEGER,          /* int64_t */
    HANA_FLAG,             /* int, 0 or 1 */
    HANA_CHOICE,           /* int, an index into choices */
    HANA_NUMBER_OR_CHOICE, /* hana_number_or_choice */
    HANA_TEXT,             /* char *, owned, or NULL */
    HANA_NUMBERS,          /* hana_numbers; one number is accepted as a list of one */
    HANA_COLUMNS,          /* hana_columns */
    HANA_COLUMN_LISTS,     /* hana_column_lists */
    HANA_EXPRESSION,       /* const hana_expr * */
    HANA_EXPRESSIONS,      /* hana_named_exprs */
    HANA_HOST,             /* hana_host */
    HANA_MODEL,      /* hana_model_ref: an estimator whose fitted state counts too */
    HANA_ESTIMATOR,  /* const hana_spec * */
    HANA_ESTIMATORS, /* hana_specs: a list */
    HANA_NAMED_ESTIMATORS, /* hana_specs: { {name, estimator}, ... } */
    HANA_ANY               /* hana_value */
} hana_option_kind;

enum {
    HANA_REQUIRED = 1,   /* must be given */
    HANA_LOW_OPEN = 2,   /* value > low rather than >= */
    HANA_HIGH_OPEN = 4,  /* value < high */
    HANA_POSITIONAL = 8, /* the array part of the constructor's table */
    HANA_HIDDEN = 16     /* not in help: set by other parts */
};

typedef struct hana_option {
    const char *name, *help; /* help: one phrase with the unit */
    hana_option_kind kind;
    size_t offset;
    unsigned flags;
    double low, high; /* for numbers, each in a list included; both 0 and no OPEN flag: no
                         limits; a missing upper limit is INFINITY */
    const char *const *choices; /* NULL-terminated */
} hana_option;

typedef struct hana_options {
    size_t size; /* of the struct */
    const void
        *defaults; /* a struct of that size without owned fields, or NULL for zeroes */
    const hana_option *rows;
    size_t n;
} hana_options;

/* Offset of a field that must have the C type of its kind: a mismatch does not compile.
 */
#define HANA_FIELD(type, struct_type, field)                                             \
    (offsetof(struct_type, field) +                                                      \
     0 * sizeof(char[_Generic(&((struct_type *)0)->field, type * : 1, default            \
                              : -1)]))

#define HANA_OPTION_NUMBER(s, f, ...)                                                    \
    {                                                                                    \
        .name = #f, .kind = HANA_NUMBER, .offset = HANA_FIELD(double, s, f), __VA_ARGS__ \
    }
#define HANA_OPTION_INTEGER(s, f, ...)                                                   \
    {                                                                                    \
        .name = #f, .kind = HANA_INTEGER, .offset = HANA_FIELD(int64_t, s, f),           \
        __VA_ARGS__                                                                      \
    }
#define HANA_OPTION_FLAG(s, f, ...)                                                      \
    {                                                                                    \
        .name = #f, .kind = HANA_FLAG, .offset = HANA_FIELD(int, s, f), __VA_ARGS__      \
    }
#define HANA_OPTION_CHOICE(s, f, ...)                                                    \
    {                                                                                    \
        .name = #f, .kind = HANA_CHOICE, .offset = HANA_FIELD(int, s, f), __VA_ARGS__    \
    }
#define HANA_OPTION_NUMBER_OR_CHOICE(s, f, ...)                                          \
    {                                                                                    \
        .name = #f, .kind = HANA_NUMBER_OR_CHOICE,                                       \
        .offset = HANA_FIELD(hana_number_or_choice, s, f), __VA_ARGS__                   \
    }
#define HANA_OPTION_TEXT(s, f, ...)                                                      \
    {                                                                                    \
        .name = #f, .kind = HANA_TEXT, .offset = HANA_FIELD(char *, s, f), __VA_ARGS__   \
    }
#define HANA_OPTION_NUMBERS(s, f, ...)                                                   \
    {                                                                                    \
        .name = #f, .kind = HANA_NUMBERS, .offset = HANA_FIELD(hana_numbers, s, f),      \
        __VA_ARGS__                                                                      \
    }
#define HANA_OPTION_COLUMNS(s, f, ...)                                                   \
    {                                                                                    \
        .name = #f, .kind = HANA_COLUMNS, .offset = HANA_FIELD(hana_columns, s, f),      \
        __VA_ARGS__                                                                      \
    }
#define HANA_OPTION_COLUMN_LISTS(s, f, ...)                                              \
    {                                                                                    \
        .name = #f, .kind = HANA_COLUMN_LISTS,                                           \
        .offset = HANA_FIELD(hana_column_lists, s, f), __VA_ARGS__                       \
    }
#define HANA_OPTION_EXPRESSIONS(s, f, ...)                                               \
    {                                                                                    \
        .name = #f, .kind = HANA_EXPRESSIONS,                                            \
        .offset = HANA_FIELD(hana_named_exprs, s, f), __VA_ARGS__                        \
    }
#define HANA_OPTION_HOST(s, f, ...)                                                      \
    {                                                                                    \
        .name = #f, .kind = HANA_HOST, .offset = HANA_FIELD(hana_host, s, f),            \
        __VA_ARGS__                                                                      \
    }
#define HANA_OPTION_MODEL(s, f, ...)                                                     \
    {                                                                                    \
        .name = #f, .kind = HANA_MODEL, .offset = HANA_FIELD(hana_model_ref, s, f),      \
        __VA_ARGS__                                                                      \
    }
#define HANA_OPTION_ESTIMATOR(s, f, ...)                                                 \
    {                                                                                    \
        .name = #f, .kind = HANA_ESTIMATOR,                                              \
        .offset = HANA_FIELD(const hana_spec *, s, f), __VA_ARGS__                       \
    }
#define HANA_OPTION_ESTIMATORS(s, f, ...)                                                \
    {                                                                                    \
        .name = #f, .kind = HANA_ESTIMATORS, .offset = HANA_FIELD(hana_specs, s, f),     \
        __VA_ARGS__                                                                      \
    }
#define HANA_OPTION_NAMED_ESTIMATORS(s, f, ...)                                          \
    {                                                                                    \
        .name = #f, .kind = HANA_NAMED_ESTIMATORS,                                       \
        .offset = HANA_FIELD(hana_specs, s, f), __VA_ARGS__                              \
    }
#define HANA_OPTION_ANY(s, f, ...)                                                       \
    {                                                                                    \
        .name = #f, .kind = HANA_ANY, .offset = HANA_FIELD(hana_value, s, f),            \
        __VA_ARGS__                                                                      \
    }
#define HANA_ROWS(array) .rows = (array), .n = sizeof(array) / sizeof(array)[0]

/* Sets one option from a value: "ridge: option 'lambda' must be a number >= 0, got -1";
   unknown names give the nearest. Unchanged on failure. */
HANA_API hana_status hana_option_set(void *options, const hana_options *table,
                                     const char *owner, const char *name,
                                     const hana_value *value, hana_error *err);
/* The option as a value that hana_option_set takes back. */
HANA_API hana_status hana_option_get(hana_value *out, const void *options,
                                     const hana_option *row, hana_error *err);
HANA_API hana_status
hana_options_copy(void *to, const void *from, const hana_options *table,
                  hana_error *err); /* `to`: zeroed memory of table->size */
HANA_API void hana_options_clear(void *options, const hana_options *table);
HANA_API const hana_option *hana_option_find(const hana_options *table, const char *name);
/* "a number >= 0", "one of 'mean', 'median'": what a row accepts, for help and errors. */
HANA_API void hana_option_describe(hana_text *out, const hana_option *row);

#endif
