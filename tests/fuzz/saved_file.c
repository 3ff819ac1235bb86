#define _GNU_SOURCE
#include "fuzz.h"

#include "io/container_layout.h"
#include "io/crc32c.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static void put32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof v);
}

/* Makes the checksums right, so that damage is seen by what is behind them. */
static void mend(uint8_t *file, size_t size)
{
    if (size < HANA_CONTAINER_FIXED) return;
    size_t table = get32(file + 16), at = HANA_CONTAINER_FIXED;
    if (table > size - HANA_CONTAINER_FIXED) return;
    size_t end = HANA_CONTAINER_FIXED + table;
    while (end - at >= HANA_CONTAINER_ENTRY) {
        uint64_t offset = get64(file + at), length = get64(file + at + 8);
        if (offset <= size && length <= size - offset)
            put32(file + at + 20, hana_crc32c(0, file + offset, (size_t)length));
        uint32_t name = get32(file + at + 24);
        if (name > end - at - HANA_CONTAINER_ENTRY) break;
        at += HANA_CONTAINER_ENTRY + name;
    }
    put32(file + 20, hana_crc32c(0, file + HANA_CONTAINER_FIXED, table));
}

/* A saved frame or model: loads, or is refused. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    uint8_t *copy = malloc(size ? size : 1);
    int file = memfd_create("saved", 0);
    FUZZ_CHECK(copy && file >= 0);
    if (size) memcpy(copy, data, size);
    mend(copy, size);
    FUZZ_CHECK(write(file, copy, size) == (ssize_t)size);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);

    int64_t blocks = hana_memory_now().blocks;
    hana_error err;
    hana_frame *frame = NULL;
    const hana_fitted *fitted = NULL;
    if (hana_frame_load(&frame, path, &err) == HANA_OK) hana_frame_release(frame);
    if (hana_model_load(&fitted, path, NULL, &err) == HANA_OK)
        hana_fitted_release(fitted);
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    close(file);
    free(copy);
    return 0;
}
