/* Memory of our own for a context: a symbol that Debian's shared library has, in a part
   of the header that is behind this. */
#define ZSTD_STATIC_LINKING_ONLY
#include "plugins/zstd.h"

#include "base/memory.h"

#include <zstd.h>
#include <zstd_errors.h>

static void *allocate(void *opaque, size_t size)
{
    (void)opaque;
    return hana_alloc(size, 1);
}

static void release(void *opaque, void *block)
{
    (void)opaque;
    hana_free(block);
}

static hana_status open_stream(void **stream, int window_log, hana_error *err)
{
    ZSTD_customMem memory = { .customAlloc = allocate, .customFree = release };
    ZSTD_DCtx *context = ZSTD_createDCtx_advanced(memory);
    if (!context) return hana_fail_memory(err);
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, window_log);
    *stream = context;
    return HANA_OK;
}

static void close_stream(void *stream)
{
    ZSTD_freeDCtx(stream);
}

static hana_status fail(ZSTD_DCtx *context, size_t code, hana_error *err)
{
    int window_log = 0;
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return hana_fail_memory(err);
    case ZSTD_error_frameParameter_windowTooLarge:
        ZSTD_DCtx_getParameter(context, ZSTD_d_windowLogMax, &window_log);
        return hana_fail(err, HANA_BAD_FORMAT,
                         "the zstd data need a window of more than the %d MiB that are "
                         "allowed: pack them again without --long",
                         1 << (window_log - 20));
    case ZSTD_error_dictionary_wrong:
        return hana_fail(err, HANA_BAD_FORMAT,
                         "the zstd data were packed with a dictionary, which is not in "
                         "the file: pack them again without one");
    default:
        return hana_fail(err, HANA_BAD_FORMAT, "the zstd data are damaged");
    }
}

static hana_status step(void *stream, const char *in, size_t n_in, size_t *used,
                        char *out, size_t n_out, size_t *made, int *ended,
                        hana_error *err)
{
    ZSTD_inBuffer from = { .src = in, .size = n_in };
    ZSTD_outBuffer to = { .dst = out, .size = n_out };
    size_t code = ZSTD_decompressStream(stream, &to, &from);
    if (ZSTD_isError(code)) return fail(stream, code, err);
    *used = from.pos;
    *made = to.pos;
    *ended = code == 0;
    return HANA_OK;
}

extern HANA_API const hana_zstd hana_plugin;
const hana_zstd hana_plugin = { .open = open_stream,
                                .close = close_stream,
                                .step = step };
