#include "learn/option.h"

#include "base/memory.h"

#include <stdatomic.h>

/* A host thing as an object: counted, and holding one reference to its token. The
   hana_host comes first, so that a pointer to it is a pointer to this. */
typedef struct boxed {
    hana_host host;
    atomic_size_t references;
} boxed;

static void retain(const void *object)
{
    boxed *b = (boxed *)(uintptr_t)object;
    atomic_fetch_add(&b->references, 1);
}

static void release(const void *object)
{
    boxed *b = (boxed *)(uintptr_t)object;
    if (atomic_fetch_sub(&b->references, 1) != 1) return;
    b->host.ops->release(b->host.token);
    hana_free(b);
}

const hana_class hana_host_class = { .name = "function",
                                     .retain = retain,
                                     .release = release };

hana_status hana_host_value(hana_value *out, const hana_host_ops *ops, uint64_t token,
                            hana_error *err)
{
    boxed *b = hana_alloc_zero(1, sizeof *b);
    if (!b) return hana_fail_memory(err);
    ops->retain(token);
    b->host = (hana_host){ .ops = ops, .token = token };
    atomic_init(&b->references, 1);
    *out = hana_value_object(&hana_host_class, &b->host);
    release(b);
    return HANA_OK;
}

/* One host a process: the binding leaves its operations here. */
static _Atomic(const hana_host_ops *) registered;

void hana_host_register(const hana_host_ops *ops)
{
    atomic_store(&registered, ops);
}

const hana_host_ops *hana_host_registered(void)
{
    return atomic_load(&registered);
}
