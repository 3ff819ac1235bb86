#include "csv_parts.h"

#include <stdatomic.h>
#include <string.h>
#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAS_AVX2 1
#endif

enum { BLOCK = 64 };

/* A bit for each byte of a block that is a mark. */
static uint64_t marks_of(const char *block, char delimiter, char quote)
{
    uint64_t marks = 0;
    for (int i = 0; i < BLOCK; i++) {
        char c = block[i];
        uint64_t is = (c == delimiter) | (c == quote) | (c == '\n') | (c == '\r');
        marks |= is << i;
    }
    return marks;
}

static size_t scan_plain(uint32_t *out, const char *text, size_t n, char delimiter,
                         char quote)
{
    uint32_t *to = out;
    char last[BLOCK];
    for (size_t at = 0; at < n; at += BLOCK) {
        const char *block = text + at;
        if (n - at < BLOCK) {
            memset(last, 0, sizeof last);
            memcpy(last, block, n - at);
            block = last;
        }
        for (uint64_t marks = marks_of(block, delimiter, quote); marks;
             marks &= marks - 1)
            *to++ = (uint32_t)(at + (size_t)__builtin_ctzll(marks));
    }
    return (size_t)(to - out);
}

#ifdef HAS_AVX2
__attribute__((target("avx2,bmi"))) static inline uint32_t
half_of_marks(const char *half, __m256i delimiter, __m256i quote)
{
    __m256i bytes = _mm256_loadu_si256((const __m256i_u *)(const void *)half);
    __m256i fields = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, delimiter),
                                     _mm256_cmpeq_epi8(bytes, quote));
    __m256i lines = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')),
                                    _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\r')));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(fields, lines));
}

__attribute__((target("avx2,bmi"))) static size_t
scan_avx2(uint32_t *out, const char *text, size_t n, char delimiter, char quote)
{
    const __m256i delimiters = _mm256_set1_epi8(delimiter),
                  quotes = _mm256_set1_epi8(quote);
    uint32_t *to = out;
    size_t at = 0;
    for (; n - at >= BLOCK; at += BLOCK) {
        uint64_t marks = half_of_marks(text + at, delimiters, quotes) |
                         (uint64_t)half_of_marks(text + at + 32, delimiters, quotes)
                             << 32;
        for (; marks; marks &= marks - 1)
            *to++ = (uint32_t)(at + (size_t)__builtin_ctzll(marks));
    }
    size_t found = (size_t)(to - out), more;
    more = scan_plain(to, text + at, n - at, delimiter, quote);
    for (size_t i = 0; i < more; i++) to[i] += (uint32_t)at;
    return found + more;
}
#endif

static atomic_int chosen;

void hana_csv_scan_by(hana_csv_scanner scanner)
{
    atomic_store(&chosen, (int)scanner);
}

hana_csv_scanner hana_csv_scan_way(void)
{
    return (hana_csv_scanner)atomic_load(&chosen);
}

size_t hana_csv_scan(uint32_t *out, const char *text, size_t n, char delimiter,
                     char quote)
{
#ifdef HAS_AVX2
    if (hana_csv_scan_way() != HANA_CSV_SCAN_PLAIN && __builtin_cpu_supports("avx2") &&
        __builtin_cpu_supports("bmi"))
        return scan_avx2(out, text, n, delimiter, quote);
#endif
    return scan_plain(out, text, n, delimiter, quote);
}
