#include "base/random.h"
#include "base/text.h"
#include "data/frame_parts.h"

#include <string.h>

static size_t seek(const hana_schema *schema, const char *name)
{
    size_t i = hana_hash(name, strlen(name), 0) & schema->mask;
    while (schema->slots[i] && strcmp(schema->names[schema->slots[i] - 1], name) != 0)
        i = (i + 1) & schema->mask;
    return i;
}

ptrdiff_t hana_schema_find(const hana_schema *schema, const char *name)
{
    return (ptrdiff_t)schema->slots[seek(schema, name)] - 1;
}

static hana_status add(hana_schema *schema, const char *name, hana_error *err)
{
    size_t j = schema->n;
    if (!name || !name[0])
        return hana_fail(err, HANA_BAD_ARGUMENT, "column %zu has an empty name", j + 1);
    if (!hana_utf8_valid(name, strlen(name)))
        return hana_fail(err, HANA_BAD_ARGUMENT,
                         "the name of column %zu is not valid UTF-8", j + 1);
    size_t slot = seek(schema, name);
    if (schema->slots[slot])
        return hana_fail(err, HANA_BAD_ARGUMENT, "there are two columns named '%s'",
                         name);
    schema->names[j] = hana_strdup(name);
    if (!schema->names[j]) return hana_fail_memory(err);
    schema->slots[slot] = (uint32_t)j + 1;
    schema->n++;
    return HANA_OK;
}

hana_status hana_schema_new(hana_schema **out, const char *const *names, size_t n,
                            hana_error *err)
{
    if (n > UINT32_MAX / 4) return hana_fail(err, HANA_BAD_ARGUMENT, "too many columns");
    hana_schema *schema = hana_alloc_zero(1, sizeof *schema);
    if (!schema) return hana_fail_memory(err);
    atomic_init(&schema->references, 1);
    size_t slots = 8;
    while (slots < 2 * n + 1) slots *= 2;
    schema->mask = slots - 1;
    schema->names = hana_alloc_zero(n, sizeof *schema->names);
    schema->slots = hana_alloc_zero(slots, sizeof *schema->slots);
    hana_status status = schema->names && schema->slots ? HANA_OK : hana_fail_memory(err);
    for (size_t j = 0; j < n && status == HANA_OK; j++)
        status = add(schema, names[j], err);
    if (status != HANA_OK) {
        hana_schema_release(schema);
        return status;
    }
    *out = schema;
    return HANA_OK;
}

hana_schema *hana_schema_retain(hana_schema *schema)
{
    atomic_fetch_add_explicit(&schema->references, 1, memory_order_relaxed);
    return schema;
}

void hana_schema_release(hana_schema *schema)
{
    if (!schema) return;
    if (atomic_fetch_sub_explicit(&schema->references, 1, memory_order_acq_rel) > 1)
        return;
    for (size_t j = 0; j < schema->n; j++) hana_free(schema->names[j]);
    hana_free(schema->names);
    hana_free(schema->slots);
    hana_free(schema);
}
