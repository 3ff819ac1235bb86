#ifndef HANA_IO_FILES_H
#define HANA_IO_FILES_H

#include "base/error.h"
#include "base/job.h"
#include "base/memory.h"

/* A file's bytes: mapped where that is possible, else read; gzip and zstd content (by its
   first bytes, io/packed.h) unpacked. Directories, missing and unreadable files are
   HANA_IO_FAILED: "sales.csv: no such file". */
typedef struct hana_bytes {
    const char *data;
    size_t length;
    void *owner; /* private */
    int mapped;
} hana_bytes;
HANA_API hana_status hana_file_open(hana_bytes *out, const char *path, hana_job *job,
                                    hana_error *err);
HANA_API void hana_file_close(hana_bytes *bytes);
/* Those of a mapped file's bytes at `from` need not stay in memory; reading them again is
   right, and costs what reading the file from the system's cache does. */
void hana_file_forget(const hana_bytes *bytes, const char *from, size_t length);

/* A file's bytes from the first to the last in bounded memory, unpacked on the way as
   above. The file must be there, and is opened by the first _read. */
typedef struct hana_stream hana_stream;
hana_status hana_stream_open(hana_stream **out, const char *path, hana_error *err);
void hana_stream_close(hana_stream *stream); /* NULL is fine */
/* Up to `room` (> 0) more bytes into `into`; *n is 0 behind the last. */
hana_status hana_stream_read(size_t *n, hana_stream *stream, char *into, size_t room,
                             hana_error *err);
/* Back to the first byte; HANA_UNSUPPORTED for a pipe. */
hana_status hana_stream_rewind(hana_stream *stream, hana_error *err);
/* How much of the file was read (0..1); negative where its length is not known. */
double hana_stream_share(const hana_stream *stream);

/* An atomic write: to a temporary file beside `path`, then fsync and rename. Until
   _commit nothing is seen at `path`; _abort (or a failed commit) leaves no trace. A full
   disk is an error with the path and nothing half-written. "-" and non-regular targets
   (/dev/stdout) are written through. */
typedef struct hana_file_writer hana_file_writer;
HANA_API hana_status hana_file_create(hana_file_writer **out, const char *path,
                                      hana_error *err);
/* The same; what is written is packed by gzip where the name ends in .gz. One that ends
   in .zst is HANA_UNSUPPORTED. */
HANA_API hana_status hana_file_create_packed(hana_file_writer **out, const char *path,
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
