#ifndef HANA_DATA_BUFFER_H
#define HANA_DATA_BUFFER_H

#include "base/memory.h"

#include <stdatomic.h>

/* Memory that several columns or frames share; freed with its last holder. */
typedef struct hana_buffer {
    atomic_size_t references;
    void *data;
    void (*release)(void *data); /* NULL: hana_free */
} hana_buffer;

/* count x size bytes, not initialised; one reference, the caller's. */
hana_status hana_buffer_new(hana_buffer **out, size_t count, size_t size,
                            hana_error *err);
/* Takes a block of hana_alloc over on success; on failure it stays the caller's. */
hana_status hana_buffer_adopt(hana_buffer **out, void *data, hana_error *err);
/* Holds what `release` gives back in the end; on failure it stays the caller's. */
hana_status hana_buffer_wrap(hana_buffer **out, void *data, void (*release)(void *data),
                             hana_error *err);
hana_buffer *hana_buffer_retain(hana_buffer *buffer); /* NULL is fine */
void hana_buffer_release(hana_buffer *buffer);        /* NULL is fine */

#endif
