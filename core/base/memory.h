#ifndef HANA_BASE_MEMORY_H
#define HANA_BASE_MEMORY_H

#include "error.h"

#include <stddef.h>
#include <stdint.h>

/* All memory of the library comes from here: 64-byte aligned, the product count x size
   checked, blocks and bytes counted. NULL means "out of memory" (count 0 still gives a
   block). */
HANA_API void *hana_alloc(size_t count, size_t size);
HANA_API void *hana_alloc_zero(size_t count, size_t size);
HANA_API void *hana_realloc(void *block, size_t count, size_t size);
HANA_API void hana_free(void *block); /* NULL is fine */
HANA_API char *hana_strdup(const char *text);
HANA_API char *hana_strndup(const char *text, size_t length);

/* Bytes that a block of ours holds. */
HANA_API size_t hana_block_size(const void *block);

/* Zeroed pages straight from the system, which get back to it at once: for much that is
   given up bit by bit while other memory fills. NULL without memory; bytes > 0. */
void *hana_pages_alloc(size_t bytes);
void hana_pages_free(void *pages, size_t bytes);

/* Bytes of freed blocks that are kept for the next ones: to take them costs less than
   pages of the system, which it has to clear. */
size_t hana_memory_kept(void);

/* Live blocks and bytes, and all bytes ever allocated (what the collector is told of). */
typedef struct hana_memory_use {
    int64_t blocks;
    int64_t bytes;
    int64_t total;
} hana_memory_use;
HANA_API hana_memory_use hana_memory_now(void);

/* Test hook: the k-th allocation from now on and all later ones fail (k = 1 is the next);
   0 turns the hook off. Returns how many allocations were counted since it was set. */
HANA_API int64_t hana_memory_fail_from(int64_t k);

/* Routes the allocations of cJSON through this module. Called once, by hana_start.
   (libcsv takes its hooks per parser, where one is made.) */
void hana_memory_hook_libraries(void);

/* A growing text that is always NUL-terminated once something was added. Start from {0}.
   Every call is a no-op once one has failed, so that a writer checks `failed` once, at
   the end. */
typedef struct hana_text {
    char *data;
    size_t length, capacity;
    int failed;
} hana_text;
HANA_API void hana_text_add(hana_text *text, const char *bytes, size_t length);
HANA_API void hana_text_puts(hana_text *text, const char *string);
HANA_API void hana_text_putc(hana_text *text, char c);
HANA_API void hana_text_printf(hana_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
HANA_API void hana_text_clear(hana_text *text);
/* Room for `more` bytes and a NUL behind the text, for what is printed where it will
   stand: whoever does adds to `length`, and ends it with the NUL. NULL once it failed. */
HANA_API char *hana_text_room(hana_text *text, size_t more);
/* The text, owned by the caller from here on (never NULL on success). Fails when memory
 * ran out. */
HANA_API hana_status hana_text_take(char **out, hana_text *text, hana_error *err);

#endif
