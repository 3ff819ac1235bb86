#ifndef HANA_DATA_FRAME_H
#define HANA_DATA_FRAME_H

#include "data/column.h"

/* A frame: named columns of one length. Immutable, reference-counted; shares its columns.
   Each row carries a hidden id (origin, position): the 64-bit hash of the source's
   content and the record number in it (from 0), so that another process that reads the
   same file knows the same rows. */
typedef struct hana_frame hana_frame;

extern HANA_API const hana_class hana_frame_class;

HANA_API const hana_frame *hana_frame_retain(const hana_frame *frame);
HANA_API void hana_frame_release(const hana_frame *frame);

/* Names must be unique, not empty, valid UTF-8; lengths must agree. With no columns the
   frame has `rows` rows. Takes references of its own. The ids are new: origin = hash of
   the contents unless given by hana_frame_with_ids. */
HANA_API hana_status hana_frame_new(hana_frame **out, const char *const *names,
                                    const hana_column *const *columns, size_t n,
                                    size_t rows, hana_error *err);

HANA_API size_t hana_frame_rows(const hana_frame *frame);
HANA_API size_t hana_frame_cols(const hana_frame *frame);
HANA_API const char *hana_frame_name(const hana_frame *frame, size_t j);
HANA_API const hana_column *hana_frame_column(const hana_frame *frame,
                                              size_t j); /* borrowed */
HANA_API ptrdiff_t hana_frame_find(const hana_frame *frame,
                                   const char *name); /* -1: none */
/* As find, but an unknown name is HANA_NO_SUCH_NAME with the nearest name. */
HANA_API hana_status hana_frame_index(size_t *out, const hana_frame *frame,
                                      const char *name, hana_error *err);
HANA_API hana_status hana_frame_get(const hana_column **out, const hana_frame *frame,
                                    const char *name,
                                    hana_error *err); /* borrowed column */
HANA_API size_t hana_frame_bytes(const hana_frame *frame);
/* Hash of names, types and all values. Fills *out. */
HANA_API uint64_t hana_frame_hash(const hana_frame *frame);

/* Row ids. */
HANA_API uint64_t hana_frame_origin(const hana_frame *frame, size_t row);
HANA_API int64_t hana_frame_position(const hana_frame *frame, size_t row);
/* The same columns with ids: every row of `origin`; positions (rows of them) or NULL for
 * 0, 1, ... */
HANA_API hana_status hana_frame_with_ids(hana_frame **out, const hana_frame *frame,
                                         uint64_t origin, const int64_t *positions,
                                         hana_error *err);
/* The same columns with the ids of another frame of as many rows. */
HANA_API hana_status hana_frame_with_ids_of(hana_frame **out, const hana_frame *frame,
                                            const hana_frame *ids, hana_error *err);

/* Verbs on columns. Order of the result is the order asked for. */
HANA_API hana_status hana_frame_select(hana_frame **out, const hana_frame *frame,
                                       const hana_names *names, hana_error *err);
HANA_API hana_status hana_frame_drop(hana_frame **out, const hana_frame *frame,
                                     const hana_names *names, hana_error *err);
HANA_API hana_status hana_frame_rename(hana_frame **out, const hana_frame *frame,
                                       const hana_names *from, const hana_names *to,
                                       hana_error *err);
/* Adds a column at the end or replaces the one of that name in its place. Keeps the ids.
 */
HANA_API hana_status hana_frame_set(hana_frame **out, const hana_frame *frame,
                                    const char *name, const hana_column *column,
                                    hana_error *err);
/* The same for several columns at once, whose names differ. */
HANA_API hana_status hana_frame_set_all(hana_frame **out, const hana_frame *frame,
                                        const hana_names *names,
                                        const hana_column *const *columns,
                                        hana_error *err);
HANA_API hana_status hana_frame_bind_columns(hana_frame **out,
                                             const hana_frame *const *frames, size_t n,
                                             hana_error *err);

/* Verbs on rows: carry blocks and ids along. */
HANA_API hana_status hana_frame_slice(hana_frame **out, const hana_frame *frame,
                                      size_t from, size_t n, hana_error *err);
HANA_API hana_status hana_frame_take(hana_frame **out, const hana_frame *frame,
                                     const size_t *rows, size_t n, hana_error *err);
/* Columns are matched by name; a column that one part lacks is filled with nulls when
   `fill`, else an error. A float column without a value takes the type of the others. The
   order is the first frame's. */
HANA_API hana_status hana_frame_concat(hana_frame **out, const hana_frame *const *frames,
                                       size_t n, int fill, hana_error *err);

#endif
