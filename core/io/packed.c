#define ZLIB_CONST
#include "packed.h"

#include "base/memory.h"
#include "base/plugin.h"
#include "plugins/zstd.h"

#include <string.h>
#include <zlib.h>

/* The longest window that the zstd program itself unpacks without being told to. */
enum { WINDOW_LOG = 27 };

static const hana_plugin zstd_plugin = {
    .name = "zstd",
    .purpose = "reading zstd files",
    .package = "libzstd1",
    .build_package = "libzstd-dev",
};

struct hana_unpacker {
    hana_packing packing;
    const char *path;
    int ended; /* between members or frames */
    z_stream gzip;
    const hana_zstd *zstd;
    void *stream;
};

hana_packing hana_packing_of(const char *bytes, size_t n)
{
    const unsigned char *b = (const unsigned char *)bytes;
    if (n >= 2 && b[0] == 0x1f && b[1] == 0x8b) return HANA_GZIP;
    if (n < 4) return HANA_NOT_PACKED;
    if (memcmp(b, "\x28\xB5\x2F\xFD", 4) == 0) return HANA_ZSTD;
    /* Programs that pack on several threads begin with a frame that is to be skipped. */
    if ((b[0] & 0xf0) == 0x50 && memcmp(b + 1, "\x2A\x4D\x18", 3) == 0) return HANA_ZSTD;
    return HANA_NOT_PACKED;
}

static void *zlib_alloc(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return hana_alloc(n, size);
}

static void zlib_free(void *opaque, void *block)
{
    (void)opaque;
    hana_free(block);
}

hana_status hana_unpacker_open(hana_unpacker **out, hana_packing packing,
                               const char *path, hana_error *err)
{
    const void *table = NULL;
    if (packing == HANA_ZSTD) {
        hana_status status = hana_plugin_open(&table, &zstd_plugin, err);
        if (status != HANA_OK) return hana_fail_prefix(err, status, "%s: ", path);
    }
    hana_unpacker *u = hana_alloc_zero(1, sizeof *u);
    if (!u) return hana_fail_memory(err);
    u->packing = packing;
    u->path = path;
    u->gzip.zalloc = zlib_alloc;
    u->gzip.zfree = zlib_free;
    hana_status status = HANA_OK;
    if (packing == HANA_ZSTD) {
        u->zstd = table;
        status = u->zstd->open(&u->stream, WINDOW_LOG, err);
    } else if (inflateInit2(&u->gzip, 15 + 16) != Z_OK) {
        status = hana_fail_memory(err);
    }
    if (status != HANA_OK) {
        hana_unpacker_close(u);
        return status;
    }
    *out = u;
    return HANA_OK;
}

void hana_unpacker_close(hana_unpacker *u)
{
    if (!u) return;
    if (u->packing == HANA_ZSTD && u->stream) u->zstd->close(u->stream);
    if (u->packing == HANA_GZIP && u->gzip.state) inflateEnd(&u->gzip);
    hana_free(u);
}

static hana_status inflate_step(hana_unpacker *u, const char *in, size_t n_in,
                                size_t *used, char *out, size_t n_out, size_t *made,
                                hana_error *err)
{
    *used = *made = 0;
    if (u->ended) {
        /* Zeros behind a member are padding. */
        while (*used < n_in && in[*used] == 0) ++*used;
        if (*used == n_in) return HANA_OK;
        u->ended = 0;
        inflateReset(&u->gzip);
    }
    size_t left = n_in - *used;
    u->gzip.next_in = (const Bytef *)in + *used;
    u->gzip.avail_in = left > 1u << 30 ? 1u << 30 : (uInt)left;
    u->gzip.next_out = (Bytef *)out;
    u->gzip.avail_out = n_out > 1u << 30 ? 1u << 30 : (uInt)n_out;
    uInt in_before = u->gzip.avail_in, out_before = u->gzip.avail_out;
    int code = inflate(&u->gzip, Z_NO_FLUSH);
    *used += in_before - u->gzip.avail_in;
    *made = out_before - u->gzip.avail_out;
    u->ended = code == Z_STREAM_END;
    if (code == Z_MEM_ERROR) return hana_fail_memory(err);
    if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END)
        return hana_fail(err, HANA_BAD_FORMAT, "%s: the gzip data are damaged", u->path);
    return HANA_OK;
}

hana_status hana_unpacker_step(hana_unpacker *u, const char *in, size_t n_in,
                               size_t *used, char *out, size_t n_out, size_t *made,
                               hana_error *err)
{
    if (u->packing == HANA_GZIP)
        return inflate_step(u, in, n_in, used, out, n_out, made, err);
    *used = *made = 0;
    if (u->ended && n_in == 0) return HANA_OK;
    hana_status status =
        u->zstd->step(u->stream, in, n_in, used, out, n_out, made, &u->ended, err);
    return status == HANA_BAD_FORMAT ? hana_fail_prefix(err, status, "%s: ", u->path)
                                     : status;
}

hana_status hana_unpacker_finish(const hana_unpacker *u, hana_error *err)
{
    if (u->ended) return HANA_OK;
    return hana_fail(err, HANA_BAD_FORMAT, "%s: the %s data are cut short", u->path,
                     u->packing == HANA_GZIP ? "gzip" : "zstd");
}

struct hana_packer {
    z_stream stream;
};

hana_status hana_packer_open(hana_packer **out, hana_error *err)
{
    hana_packer *p = hana_alloc_zero(1, sizeof *p);
    if (!p) return hana_fail_memory(err);
    p->stream.zalloc = zlib_alloc;
    p->stream.zfree = zlib_free;
    if (deflateInit2(&p->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        hana_free(p);
        return hana_fail_memory(err);
    }
    *out = p;
    return HANA_OK;
}

void hana_packer_close(hana_packer *packer)
{
    if (!packer) return;
    deflateEnd(&packer->stream);
    hana_free(packer);
}

hana_status hana_packer_step(hana_packer *packer, const char *in, size_t n_in, int last,
                             size_t *used, char *out, size_t n_out, size_t *made,
                             hana_error *err)
{
    z_stream *z = &packer->stream;
    uInt in_before = n_in > 1u << 30 ? 1u << 30 : (uInt)n_in;
    uInt out_before = n_out > 1u << 30 ? 1u << 30 : (uInt)n_out;
    z->next_in = (const Bytef *)in;
    z->avail_in = in_before;
    z->next_out = (Bytef *)out;
    z->avail_out = out_before;
    int code = deflate(z, last && in_before == n_in ? Z_FINISH : Z_NO_FLUSH);
    *used = in_before - z->avail_in;
    *made = out_before - z->avail_out;
    return code == Z_STREAM_ERROR ? hana_fail_memory(err) : HANA_OK;
}
