#include "xls.h"

#include <string.h>

/* MS-CFB: a file of sectors, chained by a table. */

enum { HEADER = 512, ENTRY = 128 };
#define END_OF_CHAIN 0xFFFFFFFEu

typedef struct container {
    const char *bytes;
    size_t length, sector, mini_sector, cutoff;
    uint32_t *table; /* the sector after each */
    size_t n;
    hana_text directory, mini, mini_table;
} container;

static const char *sector_at(const container *c, uint32_t i, size_t *length)
{
    size_t from = ((size_t)i + 1) * c->sector;
    if (from >= c->length) return NULL;
    *length = c->length - from < c->sector ? c->length - from : c->sector;
    return c->bytes + from;
}

static hana_status broken(const char *what, hana_error *err)
{
    return hana_fail(err, HANA_BAD_FORMAT, "not a whole Excel workbook: %s", what);
}

/* The chain that begins at a sector; at most `size` bytes. */
static hana_status read_chain(hana_text *out, const container *c, uint32_t first,
                              size_t size, hana_error *err)
{
    uint32_t i = first;
    for (size_t steps = 0; i < c->n && out->length < size; steps++) {
        size_t length = 0;
        const char *bytes = sector_at(c, i, &length);
        if (!bytes) return broken("a sector lies behind the end of the file", err);
        if (steps > c->n) return broken("its sectors run in a circle", err);
        hana_text_add(out, bytes, length);
        if (out->failed) return hana_fail_memory(err);
        i = c->table[i];
    }
    if (out->length < size && i != END_OF_CHAIN)
        return broken("its sectors end too early", err);
    if (out->length > size) out->length = size;
    return HANA_OK;
}

/* Adds a sector of the table of sectors. */
static hana_status add_table(container *c, uint32_t i, size_t *filled, hana_error *err)
{
    size_t length = 0;
    const char *bytes = sector_at(c, i, &length);
    if (!bytes) return broken("its table lies behind the end of the file", err);
    for (size_t k = 0; k + 4 <= length && *filled < c->n; k += 4)
        c->table[(*filled)++] = hana_u32_at(bytes + k);
    return HANA_OK;
}

static hana_status read_table(container *c, hana_error *err)
{
    size_t filled = 0, per_sector = c->sector / 4;
    c->n = c->length / c->sector + 1;
    c->table = hana_alloc(c->n, sizeof *c->table);
    if (!c->table) return hana_fail_memory(err);
    memset(c->table, 0xFF, c->n * sizeof *c->table);
    for (size_t k = 0; k < 109 && filled < c->n; k++) {
        uint32_t i = hana_u32_at(c->bytes + 76 + 4 * k);
        if (i >= c->n) break;
        HANA_TRY(add_table(c, i, &filled, err));
    }
    uint32_t more = hana_u32_at(c->bytes + 68);
    for (size_t steps = 0; more < c->n && filled < c->n && steps < c->n; steps++) {
        size_t length = 0;
        const char *bytes = sector_at(c, more, &length);
        if (!bytes || length < c->sector) return broken("its table is cut off", err);
        for (size_t k = 0; k + 1 < per_sector && filled < c->n; k++) {
            uint32_t i = hana_u32_at(bytes + 4 * k);
            if (i >= c->n) break;
            HANA_TRY(add_table(c, i, &filled, err));
        }
        more = hana_u32_at(bytes + c->sector - 4);
    }
    return HANA_OK;
}

/* The directory's entry of that name (ASCII) and type; NULL when there is none. */
static const char *find_entry(const container *c, const char *name, int type)
{
    size_t n = strlen(name);
    for (size_t at = 0; at + ENTRY <= c->directory.length; at += ENTRY) {
        const char *e = c->directory.data + at;
        if (e[66] != type || (type != 5 && hana_u16_at(e + 64) != 2 * (n + 1))) continue;
        size_t k = 0;
        while (k < n && (e[2 * k] | 32) == (name[k] | 32) && e[2 * k + 1] == 0) k++;
        if (k == n) return e;
    }
    return NULL;
}

/* A stream too small for sectors of its own lies in the root's, by a table of its own. */
static hana_status read_mini(hana_text *out, container *c, uint32_t first, size_t size,
                             hana_error *err)
{
    const char *root = find_entry(c, "", 5);
    if (!root) return broken("it has no root", err);
    HANA_TRY(
        read_chain(&c->mini, c, hana_u32_at(root + 116), hana_u32_at(root + 120), err));
    HANA_TRY(read_chain(&c->mini_table, c, hana_u32_at(c->bytes + 60), SIZE_MAX, err));
    size_t n = c->mini_table.length / 4;
    uint32_t i = first;
    for (size_t steps = 0; i < n && out->length < size; steps++) {
        size_t from = (size_t)i * c->mini_sector;
        if (steps > n || from + c->mini_sector > c->mini.length)
            return broken("a sector lies behind the end", err);
        hana_text_add(out, c->mini.data + from, c->mini_sector);
        if (out->failed) return hana_fail_memory(err);
        i = hana_u32_at(c->mini_table.data + 4 * i);
    }
    if (out->length > size) out->length = size;
    return HANA_OK;
}

static hana_status read_stream(hana_text *out, container *c, hana_error *err)
{
    HANA_TRY(read_table(c, err));
    HANA_TRY(read_chain(&c->directory, c, hana_u32_at(c->bytes + 48), SIZE_MAX, err));
    const char *entry = find_entry(c, "Workbook", 2);
    if (!entry) entry = find_entry(c, "Book", 2);
    if (!entry)
        return hana_fail(err, HANA_BAD_FORMAT,
                         "an old Office file without a workbook inside");
    uint32_t first = hana_u32_at(entry + 116);
    size_t size = hana_u32_at(entry + 120);
    return size < c->cutoff ? read_mini(out, c, first, size, err)
                            : read_chain(out, c, first, size, err);
}

hana_status hana_xls_stream(hana_text *out, const char *bytes, size_t length,
                            hana_error *err)
{
    if (length < HEADER) return broken("it is cut off", err);
    uint32_t shift = hana_u16_at(bytes + 30), mini_shift = hana_u16_at(bytes + 32);
    if (shift < 7 || shift > 16 || mini_shift >= shift)
        return broken("sectors of an odd size", err);
    container c = { .bytes = bytes,
                    .length = length,
                    .sector = (size_t)1 << shift,
                    .mini_sector = (size_t)1 << mini_shift,
                    .cutoff = hana_u32_at(bytes + 56) };
    hana_status status = read_stream(out, &c, err);
    hana_free(c.table);
    hana_text_clear(&c.directory);
    hana_text_clear(&c.mini);
    hana_text_clear(&c.mini_table);
    return status;
}
