#ifndef HANA_BASE_CELL_H
#define HANA_BASE_CELL_H

#include <stddef.h>
#include <stdint.h>

/* A cell that comes with a type of its own: from JSON, from a sheet. */

typedef enum hana_mixed_kind {
    HANA_MIXED_NULL,
    HANA_MIXED_BOOL,
    HANA_MIXED_INT,
    HANA_MIXED_FLOAT,
    HANA_MIXED_DATE,     /* days since 1970-01-01 */
    HANA_MIXED_DATETIME, /* local microseconds since then */
    HANA_MIXED_STRING,
    HANA_MIXED_NESTED, /* a list or an object, as JSON text */
    HANA_MIXED_ERROR /* a cell that is null because of an error, with the error's text */
} hana_mixed_kind;
enum { HANA_N_MIXED = HANA_MIXED_ERROR + 1 };

typedef struct hana_mixed_cell {
    hana_mixed_kind kind;
    int64_t integer;  /* BOOL, INT, DATE, DATETIME */
    double number;    /* FLOAT */
    const char *text; /* STRING, NESTED, ERROR */
    size_t length;
    int clock;    /* of a sheet: 1 the text is a time of day, 2 the number seconds that
                     went by */
    int unsolved; /* null, because the file has a formula here without its result */
} hana_mixed_cell;

#endif
