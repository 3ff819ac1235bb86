#ifndef HANA_DATA_FRAME_PARTS_H
#define HANA_DATA_FRAME_PARTS_H

/* The inside of a frame, for the files that make frames. */

#include "data/buffer.h"
#include "data/frame.h"

#include <stdatomic.h>

/* The names of the columns, shared by frames that have the same ones, and a hash table of
 * them. */
typedef struct hana_schema {
    atomic_size_t references;
    size_t n, mask;
    char **names;
    uint32_t *slots; /* 1 + index, 0 is empty */
} hana_schema;

/* Fails when a name is empty, not UTF-8 or there twice. */
hana_status hana_schema_new(hana_schema **out, const char *const *names, size_t n,
                            hana_error *err);
hana_schema *hana_schema_retain(hana_schema *schema);
void hana_schema_release(hana_schema *schema); /* NULL is fine */
ptrdiff_t hana_schema_find(const hana_schema *schema, const char *name);

/* Row ids. Row i comes from record positions[i], or first + i, of origins[i], or of the
   one origin, which is the hash of the frame's own contents while it is not known. */
typedef struct hana_row_ids {
    atomic_int known;
    _Atomic uint64_t origin;
    int64_t first;
    const uint64_t *origins;
    const int64_t *positions;
    hana_buffer *origins_held, *positions_held;
} hana_row_ids;

struct hana_frame {
    atomic_size_t references;
    hana_schema *schema;
    const hana_column **columns;
    size_t rows;
    hana_row_ids ids;
};

/* A frame with room for the schema's columns (NULL until set; each a counted reference);
   takes a reference to the schema. Release it on failure. */
hana_status hana_frame_make(hana_frame **out, hana_schema *schema, size_t rows,
                            hana_error *err);
/* The same schema, columns and ids: what a verb then changes. */
hana_status hana_frame_copy(hana_frame **out, const hana_frame *frame, hana_error *err);

/* The ids of frame `from` for all its rows, for rows [begin, begin + n), for rows[0..n)
   (missing: some of them are HANA_NO_ROW). `to` has none yet. */
void hana_ids_share(hana_frame *to, const hana_frame *from);
void hana_ids_slice(hana_frame *to, const hana_frame *from, size_t begin);
hana_status hana_ids_take(hana_frame *to, const hana_frame *from, const size_t *rows,
                          size_t n, int missing, hana_error *err);
hana_status hana_ids_concat(hana_frame *to, const hana_frame *const *parts, size_t n,
                            hana_error *err);
void hana_ids_clear(hana_row_ids *ids);

#endif
