#ifndef HANA_IO_CONTAINER_H
#define HANA_IO_CONTAINER_H

#include "base/value.h"
#include "data/frame.h"

/* One file format for saved frames and model files. Layout, little-endian: magic
   "HANA\r\n\x1a\n", u32 format version, u32 number of sections, u32 bytes and u32 CRC32C
   of the section table, the table (an entry a section: u64 offset, u64 length, u32
   version, u32 CRC32C, u32 length of the name, the name), then the sections, each at a
   multiple of 64 bytes, zeros between them. Section 0, "header", is a JSON document with
   all small values in nested maps; arrays are sections of their own, named by their path.
   A damaged, cut or foreign file is HANA_BAD_FORMAT that names file and section. */
typedef struct hana_writer hana_writer;
HANA_API hana_status hana_writer_new(hana_writer **out,
                                     const char *kind /* "model", "frame" */,
                                     hana_error *err);
HANA_API void hana_writer_free(hana_writer *writer);
HANA_API hana_status hana_writer_save(hana_writer *writer, const char *path,
                                      hana_error *err);
HANA_API hana_status hana_writer_bytes(hana_text *out, hana_writer *writer,
                                       hana_error *err);

/* Everything is put under the current path; _enter goes down a level (a child estimator:
   its key and the version of its format), _leave comes back. Keys are unique within a
   level, hold no '/' and do not begin with '@'. */
HANA_API hana_status hana_writer_enter(hana_writer *writer, const char *key, int version,
                                       hana_error *err);
HANA_API void hana_writer_leave(hana_writer *writer);
HANA_API hana_status hana_put_value(hana_writer *w, const char *key, const hana_value *v,
                                    hana_error *err);
HANA_API hana_status hana_put_number(hana_writer *w, const char *key, double v,
                                     hana_error *err);
HANA_API hana_status hana_put_int(hana_writer *w, const char *key, int64_t v,
                                  hana_error *err);
HANA_API hana_status hana_put_string(hana_writer *w, const char *key,
                                     const char *v /* or NULL */, hana_error *err);
HANA_API hana_status hana_put_names(hana_writer *w, const char *key, const hana_names *v,
                                    hana_error *err);
HANA_API hana_status hana_put_doubles(hana_writer *w, const char *key, const double *v,
                                      size_t n, hana_error *err);
HANA_API hana_status hana_put_ints(hana_writer *w, const char *key, const int64_t *v,
                                   size_t n, hana_error *err);
HANA_API hana_status hana_put_codes(hana_writer *w, const char *key, const int32_t *v,
                                    size_t n, hana_error *err);
HANA_API hana_status hana_put_bytes(hana_writer *w, const char *key, const void *v,
                                    size_t n, hana_error *err);
HANA_API hana_status hana_put_matrix(hana_writer *w, const char *key,
                                     const hana_matrix *v, hana_error *err);
HANA_API hana_status hana_put_column(hana_writer *w, const char *key,
                                     const hana_column *v /* or NULL */, hana_error *err);
HANA_API hana_status hana_put_frame(hana_writer *w, const char *key, const hana_frame *v,
                                    hana_error *err);

/* One level a name under `key`, each filled by `put` with its number: what a step knows
   of each of its columns. */
typedef hana_status hana_put_item(hana_writer *w, const void *items, size_t i,
                                  hana_error *err);
HANA_API hana_status hana_put_each(hana_writer *w, const char *key,
                                   const hana_names *names, hana_put_item *put,
                                   const void *items, hana_error *err);

/* The mirror. A missing key or another kind of value is HANA_BAD_FORMAT. Arrays are owned
   by the caller (hana_free); n may be NULL. Nothing is trusted: lengths are checked
   against the file. */
typedef struct hana_reader hana_reader;
HANA_API hana_status hana_reader_open(hana_reader **out, const char *path,
                                      hana_error *err);
HANA_API hana_status hana_reader_from_bytes(hana_reader **out, const void *bytes,
                                            size_t n,
                                            hana_error *err); /* borrows the bytes */
HANA_API void hana_reader_free(hana_reader *reader);
HANA_API const char *hana_reader_kind(const hana_reader *reader);
HANA_API hana_status hana_reader_enter(hana_reader *reader, const char *key, int *version,
                                       hana_error *err);
HANA_API void hana_reader_leave(hana_reader *reader);
/* HANA_BAD_FORMAT: "<file>: '<path of the level>': <what>", for what only a part can find
 * wrong. */
HANA_API hana_status hana_reader_fail(const hana_reader *reader, hana_error *err,
                                      const char *format, ...)
    __attribute__((format(printf, 3, 4)));
HANA_API int hana_reader_has(const hana_reader *reader, const char *key);
HANA_API hana_status hana_get_value(hana_reader *r, const char *key, hana_value *v,
                                    hana_error *err);
HANA_API hana_status hana_get_number(hana_reader *r, const char *key, double *v,
                                     hana_error *err);
HANA_API hana_status hana_get_int(hana_reader *r, const char *key, int64_t *v,
                                  hana_error *err);
HANA_API hana_status hana_get_string(hana_reader *r, const char *key, char **v,
                                     hana_error *err);
HANA_API hana_status hana_get_names(hana_reader *r, const char *key, hana_names *v,
                                    hana_error *err);
HANA_API hana_status hana_get_doubles(hana_reader *r, const char *key, double **v,
                                      size_t *n, hana_error *err);
HANA_API hana_status hana_get_ints(hana_reader *r, const char *key, int64_t **v,
                                   size_t *n, hana_error *err);
HANA_API hana_status hana_get_codes(hana_reader *r, const char *key, int32_t **v,
                                    size_t *n, hana_error *err);
HANA_API hana_status hana_get_bytes(hana_reader *r, const char *key, void **v, size_t *n,
                                    hana_error *err);
HANA_API hana_status hana_get_matrix(hana_reader *r, const char *key, hana_matrix *v,
                                     hana_error *err);
HANA_API hana_status
hana_get_column(hana_reader *r, const char *key, const hana_column **v,
                hana_error *err); /* may give NULL; owned reference */
HANA_API hana_status hana_get_frame(hana_reader *r, const char *key, const hana_frame **v,
                                    hana_error *err);

/* The mirror of hana_put_each. */
typedef hana_status hana_get_item(hana_reader *r, void *items, size_t i, hana_error *err);
HANA_API hana_status hana_get_each(hana_reader *r, const char *key,
                                   const hana_names *names, hana_get_item *get,
                                   void *items, hana_error *err);

/* df:save and hana.load for frames: types, levels, nulls, zones and row ids kept. */
HANA_API hana_status hana_frame_save(const hana_frame *frame, const char *path,
                                     hana_error *err);
HANA_API hana_status hana_frame_load(hana_frame **out, const char *path, hana_error *err);

#endif
