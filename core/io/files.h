#ifndef HANA_IO_FILES_H
#define HANA_IO_FILES_H

#include "base/error.h"
#include "base/memory.h"

/* A file's bytes: mapped where that is possible, else read; ".gz" content (by its magic)
   inflated. Directories, missing and unreadable files are HANA_IO_FAILED: "sales.csv: no
   such file". */
typedef struct hana_bytes {
    const char *data;
    size_t length;
    void *owner; /* private */
    int mapped;
} hana_bytes;
HANA_API hana_status hana_file_open(hana_bytes *out, const char *path, hana_error *err);
HANA_API void hana_file_close(hana_bytes *bytes);

/* An atomic write: to a temporary file beside `path`, then fsync and rename. Until
   _commit nothing is seen at `path`; _abort (or a failed commit) leaves no trace. A full
   disk is an error with the path and nothing half-written. "-" and non-regular targets
   (/dev/stdout) are written through. */
typedef struct hana_file_writer hana_file_writer;
HANA_API hana_status hana_file_create(hana_file_writer **out, const char *path,
                                      hana_error *err);
HANA_API hana_status hana_file_write(hana_file_writer *file, const void *bytes, size_t n,
                                     hana_error *err);
HANA_API hana_status hana_file_commit(hana_file_writer *file,
                                      hana_error *err); /* frees it always */
HANA_API void hana_file_abort(hana_file_writer *file);  /* NULL is fine */
HANA_API hana_status hana_file_put(const char *path, const void *bytes, size_t n,
                                   hana_error *err);

/* Paths that match a shell pattern, sorted by bytes. None is an empty list. The caller
   frees each path and the array with hana_free. */
HANA_API hana_status hana_file_glob(char ***paths, size_t *n, const char *pattern,
                                    hana_error *err);
/* mkdir -p. */
HANA_API hana_status hana_file_make_folder(const char *path, hana_error *err);

#endif
