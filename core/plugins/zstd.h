#ifndef HANA_PLUGINS_ZSTD_H
#define HANA_PLUGINS_ZSTD_H

#include "base/error.h"

#include <stddef.h>

/* Unpacking zstd frames by libzstd. */
typedef struct hana_zstd {
    /* A stream that refuses windows of more than 2^window_log bytes. */
    hana_status (*open)(void **stream, int window_log, hana_error *err);
    void (*close)(void *stream);
    /* Unpacks from in[0..n_in) into out[0..n_out), *used of the one to *made of the
       other; *ended when a frame ended there. Skippable frames give nothing. A failure
       is BAD_FORMAT and says "the zstd data ...", without a file's name. */
    hana_status (*step)(void *stream, const char *in, size_t n_in, size_t *used,
                        char *out, size_t n_out, size_t *made, int *ended,
                        hana_error *err);
} hana_zstd;

#endif
