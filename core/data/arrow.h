#ifndef HANA_DATA_ARROW_H
#define HANA_DATA_ARROW_H

#include "data/frame.h"

/* The Arrow C data interface (arrow.apache.org, "The Arrow C data interface"): tables
   handed from one library to another in one process, by address. The two structures and
   the flags are those of the specification. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
    const char *format;
    const char *name;
    const char *metadata;
    int64_t flags;
    int64_t n_children;
    struct ArrowSchema **children;
    struct ArrowSchema *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void **buffers;
    struct ArrowArray **children;
    struct ArrowArray *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

#endif

/* The frame as a struct array, into two structures whose contents are ignored; whoever
   takes them calls their release. Nothing is copied: the array holds references to the
   columns. float is float64, int int64, bool bits, string large_utf8, category a
   dictionary of them with int32 codes, date date32, datetime timestamp[us, zone]. Blocks
   are refused. */
HANA_API hana_status hana_frame_to_arrow(struct ArrowSchema *schema,
                                         struct ArrowArray *array,
                                         const hana_frame *frame, hana_error *err);

/* A frame from a struct array (a record batch). On success both structures are taken over
   (their release is NULL then); on failure they are as they were. Storage is shared where
   it is laid out as a column's is and nothing is missing; else it is copied. Other widths
   of integers and floats, utf8, date64 and other units of timestamps are converted where
   nothing is lost, and refused with column and row where something would be; so are
   types that a frame does not have. */
HANA_API hana_status hana_frame_from_arrow(hana_frame **out, struct ArrowSchema *schema,
                                           struct ArrowArray *array, hana_error *err);

#endif
