#ifndef HANA_IO_CONTAINER_LAYOUT_H
#define HANA_IO_CONTAINER_LAYOUT_H

#include "io/container.h"

/* What the writer and the reader of container files share. */

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "files are little-endian, as memory is");

enum {
    HANA_CONTAINER_VERSION = 1,
    HANA_CONTAINER_ALIGNMENT = 64,
    HANA_CONTAINER_FIXED = 24, /* bytes in front of the section table */
    HANA_CONTAINER_ENTRY = 28, /* bytes of a table entry, its name not counted */
    HANA_CONTAINER_LEVELS = 64
};

static const char hana_container_magic[8] = {
    'H', 'A', 'N', 'A', '\r', '\n', '\x1a', '\n'
};

static inline size_t hana_container_aligned(size_t n)
{
    size_t unit = HANA_CONTAINER_ALIGNMENT;
    return (n + unit - 1) / unit * unit;
}

/* The open levels: each a map inside the one before. A level's map grows only while it is
   the innermost one, so that these pointers stay good. */
typedef struct hana_levels {
    hana_value *maps[HANA_CONTAINER_LEVELS];
    size_t path_lengths[HANA_CONTAINER_LEVELS];
    uint32_t versions[HANA_CONTAINER_LEVELS];
    int n;
    hana_text path; /* "root/trees/0/" */
} hana_levels;

hana_status hana_levels_push(hana_levels *levels, const char *key, hana_value *map,
                             int version, hana_error *err);
void hana_levels_pop(hana_levels *levels); /* never the outermost one */

static inline hana_value *hana_levels_map(const hana_levels *levels)
{
    return levels->maps[levels->n - 1];
}

#endif
