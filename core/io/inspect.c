#include "inspect.h"

#include "base/parallel.h"
#include "base/random.h"
#include "base/text.h"

#include <stdatomic.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 20 };

typedef struct inspecting {
    const char *bytes;
    size_t length;
    uint64_t *hashes;
    atomic_int malformed, zero;
} inspecting;

/* Where a block of text begins: not within a character. Bytes that go on without an end
   are left to the block before, which finds them malformed. */
static size_t text_start(const inspecting *in, size_t at)
{
    if (at >= in->length) return in->length;
    for (int k = 0; k < 3 && at < in->length; k++, at++)
        if (((unsigned char)in->bytes[at] & 0xC0) != 0x80) break;
    return at;
}

static hana_status inspect_block(void *context, size_t block, int worker, hana_error *err)
{
    (void)worker, (void)err;
    inspecting *in = context;
    size_t from = block * BLOCK_BYTES, to = from + BLOCK_BYTES;
    if (to > in->length) to = in->length;
    in->hashes[block] = hana_hash(in->bytes + from, to - from, 0);
    if (memchr(in->bytes + from, '\0', to - from))
        atomic_store_explicit(&in->zero, 1, memory_order_relaxed);
    size_t start = block ? text_start(in, from) : 0, end = text_start(in, to);
    if (!hana_utf8_valid(in->bytes + start, end - start))
        atomic_store_explicit(&in->malformed, 1, memory_order_relaxed);
    return HANA_OK;
}

hana_status hana_inspect(hana_inspection *out, const char *bytes, size_t length,
                         hana_job *job, hana_error *err)
{
    size_t blocks = (length + BLOCK_BYTES - 1) / BLOCK_BYTES;
    if (blocks == 0) blocks = 1;
    inspecting in = { .bytes = bytes,
                      .length = length,
                      .hashes = hana_alloc(blocks, sizeof *in.hashes) };
    if (!in.hashes) return hana_fail_memory(err);
    hana_status status = hana_parallel(job, blocks, inspect_block, &in, err);
    if (status == HANA_OK)
        *out = (hana_inspection){
            .is_utf8 = !atomic_load(&in.malformed),
            .has_zero = atomic_load(&in.zero),
            .hash = blocks == 1 ? in.hashes[0]
                                : hana_hash(in.hashes, blocks * sizeof *in.hashes, length)
        };
    hana_free(in.hashes);
    return status;
}
