#ifndef HANA_BASE_VALUE_H
#define HANA_BASE_VALUE_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* Values as they pass between the host language, options, JSON documents and host
 * functions. */
typedef enum hana_value_kind {
    HANA_VALUE_NULL = 0,
    HANA_VALUE_BOOL,
    HANA_VALUE_INT,
    HANA_VALUE_NUMBER,
    HANA_VALUE_STRING,
    HANA_VALUE_LIST,
    HANA_VALUE_MAP,   /* in the order in which it was filled; keys are unique */
    HANA_VALUE_OBJECT /* a counted thing of the library: a column, frame, spec, fitted */
} hana_value_kind;

/* How a counted thing is held. One static instance per kind of thing: hana_column_class,
 * ... */
typedef struct hana_class {
    const char *name;
    void (*retain)(const void *object);
    void (*release)(const void *object);
} hana_class;

/* Zeroed memory is a null. A value owns what it holds; hana_value_clear gives it back. */
typedef struct hana_value {
    hana_value_kind kind;
    union {
        int boolean;
        int64_t integer;
        double number;
        struct {
            char *data; /* NUL-terminated; may contain NUL bytes */
            size_t length;
        } string;
        struct hana_value_list *list;
        struct hana_value_map *map;
        struct {
            const hana_class *class;
            const void *pointer;
        } object;
    } as;
} hana_value;

typedef struct hana_value_list {
    size_t n, capacity;
    hana_value *items;
} hana_value_list;

typedef struct hana_value_map {
    size_t n, capacity;
    char **keys;
    hana_value *items;
} hana_value_map;

HANA_API void hana_value_clear(hana_value *value);
HANA_API hana_status hana_value_copy(hana_value *out, const hana_value *value,
                                     hana_error *err);
HANA_API const char *
hana_value_kind_name(const hana_value *value); /* "a number", "a list", ... */

HANA_API hana_value hana_value_bool(int boolean);
HANA_API hana_value hana_value_int(int64_t integer);
HANA_API hana_value hana_value_number(double number);
HANA_API hana_status hana_value_string(hana_value *out, const char *text, size_t length,
                                       hana_error *err);
/* Takes a reference of its own. */
HANA_API hana_value hana_value_object(const hana_class *class, const void *pointer);
HANA_API hana_status hana_value_new_list(hana_value *out, hana_error *err);
HANA_API hana_status hana_value_new_map(hana_value *out, hana_error *err);
/* A list of n NUL-terminated texts. */
HANA_API hana_status hana_value_texts(hana_value *out, char *const *texts, size_t n,
                                      hana_error *err);

/* Appends or sets; the value is taken over even on failure (and cleared then). */
HANA_API hana_status hana_value_push(hana_value *list, hana_value item, hana_error *err);
HANA_API hana_status hana_value_set(hana_value *map, const char *key, hana_value item,
                                    hana_error *err);
/* Borrowed; NULL when there is no such key or the value is no map. */
HANA_API const hana_value *hana_value_get(const hana_value *map, const char *key);
/* The thing behind an object of that class, else NULL. Borrowed. */
HANA_API const void *hana_value_pointer(const hana_value *value, const hana_class *class);
/* INT or NUMBER as a double; returns 0 for all else. */
HANA_API int hana_value_as_number(const hana_value *value, double *out);
/* An INT, or a NUMBER without a fraction that fits; returns 0 for all else. */
HANA_API int hana_value_as_int(const hana_value *value, int64_t *out);

/* Names: an owned array of NUL-terminated texts. Zeroed memory is the empty one. */
typedef struct hana_names {
    size_t n;
    char **items;
} hana_names;
HANA_API void hana_names_clear(hana_names *names);
HANA_API hana_status hana_names_add(hana_names *names, const char *name, hana_error *err);
HANA_API hana_status hana_names_copy(hana_names *out, const hana_names *names,
                                     hana_error *err);
/* Index of a name, or -1. */
HANA_API ptrdiff_t hana_names_find(const hana_names *names, const char *name);

/* The candidate nearest to `name` by edit distance (Damerau-Levenshtein, at most a third
   of its length), or NULL; for "did you mean". Borrowed from the candidates. */
HANA_API const char *hana_nearest(const char *name, const char *const *candidates,
                                  size_t n);
/* Fails with HANA_NO_SUCH_NAME: "<what> '<name>'<where>; did you mean '<nearest>'?" */
HANA_API hana_status hana_fail_unknown(hana_error *err, const char *what,
                                       const char *name, const char *where,
                                       const char *const *candidates, size_t n);

#endif
