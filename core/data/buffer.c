#include "data/buffer.h"

hana_status hana_buffer_adopt(hana_buffer **out, void *data, hana_error *err)
{
    hana_buffer *buffer = hana_alloc(1, sizeof *buffer);
    if (!buffer) return hana_fail_memory(err);
    atomic_init(&buffer->references, 1);
    buffer->data = data;
    buffer->release = NULL;
    *out = buffer;
    return HANA_OK;
}

hana_status hana_buffer_wrap(hana_buffer **out, void *data, void (*release)(void *data),
                             hana_error *err)
{
    HANA_TRY(hana_buffer_adopt(out, data, err));
    (*out)->release = release;
    return HANA_OK;
}

hana_status hana_buffer_new(hana_buffer **out, size_t count, size_t size, hana_error *err)
{
    void *data = hana_alloc(count, size);
    if (!data) return hana_fail_memory(err);
    hana_status status = hana_buffer_adopt(out, data, err);
    if (status != HANA_OK) hana_free(data);
    return status;
}

hana_buffer *hana_buffer_retain(hana_buffer *buffer)
{
    if (buffer) atomic_fetch_add_explicit(&buffer->references, 1, memory_order_relaxed);
    return buffer;
}

void hana_buffer_release(hana_buffer *buffer)
{
    if (!buffer) return;
    if (atomic_fetch_sub_explicit(&buffer->references, 1, memory_order_acq_rel) > 1)
        return;
    if (buffer->release)
        buffer->release(buffer->data);
    else
        hana_free(buffer->data);
    hana_free(buffer);
}
