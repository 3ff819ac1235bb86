#define _DEFAULT_SOURCE /* madvise */

#include "base/memory.h"

#include <cjson/cJSON.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* In front of each block, on a cache line of its own so that the block keeps its
 * alignment. */
typedef struct header {
    size_t size;
    size_t capacity; /* of a large block: bytes from the header on; else 0 */
    char pad[64 - 2 * sizeof(size_t)];
} header;
_Static_assert(sizeof(header) == 64, "the header keeps the alignment");

/* A sanitizer shall see every use of a block that was freed. */
#if defined(__SANITIZE_ADDRESS__)
enum { KEEPS_BLOCKS = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { KEEPS_BLOCKS = 0 };
#else
enum { KEEPS_BLOCKS = 1 };
#endif
#else
enum { KEEPS_BLOCKS = 1 };
#endif

static _Atomic int64_t live_blocks, live_bytes, all_bytes;
static _Atomic int64_t fail_from, fail_counter;

static int must_fail(void)
{
    int64_t from = atomic_load_explicit(&fail_from, memory_order_relaxed);
    if (from == 0) return 0;
    return atomic_fetch_add(&fail_counter, 1) + 1 >= from;
}

static void count(int64_t blocks, int64_t bytes)
{
    atomic_fetch_add_explicit(&live_blocks, blocks, memory_order_relaxed);
    atomic_fetch_add_explicit(&live_bytes, bytes, memory_order_relaxed);
    if (bytes > 0) atomic_fetch_add_explicit(&all_bytes, bytes, memory_order_relaxed);
}

/* 0 when it does not fit. */
static size_t padded(size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) return 0;
    if (bytes > SIZE_MAX / 2 - 256) return 0;
    bytes = (bytes + 63) & ~(size_t)63;
    return bytes + sizeof(header) + (bytes == 0 ? 64 : 0);
}

/* A column of millions of rows spends most of its making on page faults: huge pages have
   512 times fewer. */
enum { HUGE_PAGE = 2 << 20, LARGE = 4 << 20, GRAIN = 64 << 10 };

/* The kernel clears each page that it gives, which takes longer than most verbs need to
   fill it. Large blocks that were freed are therefore kept for the next one, oldest first
   given back: at most MOST_KEPT bytes, and never so many that together with the blocks in
   use they exceed what was once in use. */
enum { KEPT = 256 };
static const size_t MOST_KEPT = (size_t)1 << 30;
static struct {
    atomic_flag busy;
    header *blocks[KEPT]; /* oldest first */
    size_t n, kept, used, most_used;
} large = { .busy = ATOMIC_FLAG_INIT };

static void lock(void)
{
    while (atomic_flag_test_and_set_explicit(&large.busy, memory_order_acquire))
        ;
}

static void unlock(void)
{
    atomic_flag_clear_explicit(&large.busy, memory_order_release);
}

static header *take_kept(size_t i)
{
    header *h = large.blocks[i];
    large.kept -= h->capacity;
    large.n--;
    memmove(large.blocks + i, large.blocks + i + 1, (large.n - i) * sizeof *large.blocks);
    return h;
}

/* The smallest one kept that holds the bytes and is not much larger; NULL: none. */
static header *find_kept(size_t bytes)
{
    size_t best = KEPT;
    for (size_t i = 0; i < large.n; i++) {
        size_t capacity = large.blocks[i]->capacity;
        if (capacity < bytes || capacity - bytes > bytes / 4) continue;
        if (best == KEPT || capacity < large.blocks[best]->capacity) best = i;
    }
    return best < KEPT ? take_kept(best) : NULL;
}

static header *large_new(size_t capacity)
{
    void *block;
    if (posix_memalign(&block, HUGE_PAGE, capacity)) return NULL;
    header *h = block;
#ifdef MADV_HUGEPAGE
    madvise(h, capacity & ~(size_t)(HUGE_PAGE - 1), MADV_HUGEPAGE);
#endif
    h->capacity = capacity;
    return h;
}

static header *large_alloc(size_t bytes)
{
    size_t capacity = (bytes + GRAIN - 1) & ~(size_t)(GRAIN - 1), n = 0;
    header *given_back[KEPT];
    lock();
    header *h = find_kept(capacity);
    large.used += h ? h->capacity : capacity;
    if (large.used > large.most_used) large.most_used = large.used;
    while (large.n > 0 && large.used + large.kept > large.most_used)
        given_back[n++] = take_kept(0);
    unlock();
    while (n > 0) free(given_back[--n]);
    if (!h) h = large_new(capacity);
    if (h) return h;
    lock();
    large.used -= capacity;
    unlock();
    return NULL;
}

static void large_free(header *h)
{
    header *given_back[KEPT + 1];
    size_t n = 0;
    lock();
    large.used -= h->capacity;
    while (large.n > 0 && (large.n == KEPT || large.kept + h->capacity > MOST_KEPT))
        given_back[n++] = take_kept(0);
    if (KEEPS_BLOCKS && h->capacity <= MOST_KEPT) {
        large.blocks[large.n++] = h;
        large.kept += h->capacity;
    } else {
        given_back[n++] = h;
    }
    unlock();
    while (n > 0) free(given_back[--n]);
}

static header *system_alloc(size_t bytes)
{
    if (bytes >= LARGE) return large_alloc(bytes);
    header *h = aligned_alloc(64, bytes);
    if (h) h->capacity = 0;
    return h;
}

void *hana_alloc(size_t n, size_t size)
{
    size_t bytes = padded(n, size);
    if (bytes == 0 || must_fail()) return NULL;
    header *h = system_alloc(bytes);
    if (!h) return NULL;
    h->size = bytes - sizeof *h;
    count(1, (int64_t)h->size);
    return h + 1;
}

void *hana_alloc_zero(size_t n, size_t size)
{
    void *block = hana_alloc(n, size);
    if (block) memset(block, 0, hana_block_size(block));
    return block;
}

size_t hana_block_size(const void *block)
{
    return block ? ((const header *)block - 1)->size : 0;
}

void *hana_realloc(void *block, size_t n, size_t size)
{
    size_t old = hana_block_size(block);
    size_t bytes = padded(n, size);
    if (bytes == 0) return NULL;
    if (block && bytes - sizeof(header) <= old && bytes - sizeof(header) > old / 2)
        return block;
    void *grown = hana_alloc(n, size);
    if (!grown) return NULL;
    if (block) {
        size_t keep = hana_block_size(grown);
        memcpy(grown, block, old < keep ? old : keep);
        hana_free(block);
    }
    return grown;
}

void hana_free(void *block)
{
    if (!block) return;
    header *h = (header *)block - 1;
    count(-1, -(int64_t)h->size);
    if (h->capacity)
        large_free(h);
    else
        free(h);
}

size_t hana_memory_kept(void)
{
    lock();
    size_t kept = large.kept;
    unlock();
    return kept;
}

static size_t whole_pages(size_t bytes)
{
    return (bytes + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
}

void *hana_pages_alloc(size_t bytes)
{
    if (bytes > SIZE_MAX / 2 || must_fail()) return NULL;
    size_t length = whole_pages(bytes);
    char *map = mmap(NULL, length + HUGE_PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) return NULL;
    char *pages =
        (char *)(((uintptr_t)map + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
    size_t before = (size_t)(pages - map);
    if (before > 0) munmap(map, before);
    munmap(pages + length, HUGE_PAGE - before);
#ifdef MADV_HUGEPAGE
    madvise(pages, length, MADV_HUGEPAGE);
#endif
    count(1, (int64_t)length);
    return pages;
}

void hana_pages_free(void *pages, size_t bytes)
{
    if (!pages) return;
    count(-1, -(int64_t)whole_pages(bytes));
    munmap(pages, whole_pages(bytes));
}

char *hana_strndup(const char *text, size_t length)
{
    char *copy = hana_alloc(length + 1, 1);
    if (!copy) return NULL;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

char *hana_strdup(const char *text)
{
    return hana_strndup(text, strlen(text));
}

hana_memory_use hana_memory_now(void)
{
    return (hana_memory_use){ .blocks = atomic_load(&live_blocks),
                              .bytes = atomic_load(&live_bytes),
                              .total = atomic_load(&all_bytes) };
}

int64_t hana_memory_fail_from(int64_t k)
{
    int64_t counted = atomic_exchange(&fail_counter, 0);
    atomic_store(&fail_from, k);
    return counted;
}

static void *allocate(size_t size)
{
    return hana_alloc(size, 1);
}

void hana_memory_hook_libraries(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){ .malloc_fn = allocate, .free_fn = hana_free });
}

static int text_room(hana_text *text, size_t more)
{
    if (text->failed) return 0;
    if (text->capacity - text->length > more) return 1;
    size_t want = text->capacity * 2 + more + 64;
    char *data = want > more ? hana_realloc(text->data, want, 1) : NULL;
    if (!data) {
        text->failed = 1;
        return 0;
    }
    text->data = data;
    text->capacity = hana_block_size(data);
    return 1;
}

char *hana_text_room(hana_text *text, size_t more)
{
    return text_room(text, more) ? text->data + text->length : NULL;
}

void hana_text_add(hana_text *text, const char *bytes, size_t length)
{
    if (!text_room(text, length)) return;
    if (length) memcpy(text->data + text->length, bytes, length);
    text->length += length;
    text->data[text->length] = '\0';
}

void hana_text_puts(hana_text *text, const char *string)
{
    hana_text_add(text, string, strlen(string));
}

void hana_text_putc(hana_text *text, char c)
{
    hana_text_add(text, &c, 1);
}

void hana_text_printf(hana_text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) text->failed = 1;
    if (n >= 0 && text_room(text, (size_t)n + 1)) {
        vsnprintf(text->data + text->length, (size_t)n + 1, format, again);
        text->length += (size_t)n;
    }
    va_end(again);
}

void hana_text_clear(hana_text *text)
{
    hana_free(text->data);
    *text = (hana_text){ 0 };
}

hana_status hana_text_take(char **out, hana_text *text, hana_error *err)
{
    if (!text->failed && !text->data) hana_text_add(text, "", 0);
    if (text->failed) {
        hana_text_clear(text);
        return hana_fail_memory(err);
    }
    *out = text->data;
    *text = (hana_text){ 0 };
    return HANA_OK;
}
