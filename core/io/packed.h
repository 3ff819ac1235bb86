#ifndef HANA_IO_PACKED_H
#define HANA_IO_PACKED_H

#include "base/error.h"

#include <stddef.h>

/* How the bytes of a file are packed, told by the first four of them. */
typedef enum hana_packing { HANA_NOT_PACKED, HANA_GZIP, HANA_ZSTD } hana_packing;
hana_packing hana_packing_of(const char *bytes, size_t n);

/* Unpacks the bytes of one file as they come: gzip members or zstd frames, one behind the
   other. `path` is named in errors and must outlive it. Memory is bounded: zstd data that
   look back more than 128 MiB are refused. zstd is a plugin: HANA_UNSUPPORTED, naming the
   Debian package, where it is missing. */
typedef struct hana_unpacker hana_unpacker;
hana_status hana_unpacker_open(hana_unpacker **out, hana_packing packing,
                               const char *path, hana_error *err);
void hana_unpacker_close(hana_unpacker *unpacker); /* NULL is fine */

/* From in[0..n_in) into out[0..n_out), *used bytes of the one to *made of the other;
   where neither moves, it needs more of what is short. What is not packed as it should be
   is HANA_BAD_FORMAT: "sales.csv.gz: the gzip data are damaged". */
hana_status hana_unpacker_step(hana_unpacker *unpacker, const char *in, size_t n_in,
                               size_t *used, char *out, size_t n_out, size_t *made,
                               hana_error *err);

/* To be asked behind the last byte: a failure where the data are cut short. */
hana_status hana_unpacker_finish(const hana_unpacker *unpacker, hana_error *err);

/* Packs bytes as they come into one gzip member. */
typedef struct hana_packer hana_packer;
hana_status hana_packer_open(hana_packer **out, hana_error *err);
void hana_packer_close(hana_packer *packer); /* NULL is fine */

/* From in[0..n_in) into out[0..n_out), as hana_unpacker_step. With `last` no more bytes
   come: to be called until *made is less than n_out. */
hana_status hana_packer_step(hana_packer *packer, const char *in, size_t n_in, int last,
                             size_t *used, char *out, size_t n_out, size_t *made,
                             hana_error *err);

#endif
