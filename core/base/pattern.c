#define PCRE2_CODE_UNIT_WIDTH 8

#include "text.h"

#include <pcre2.h>
#include <stdatomic.h>

enum { SPARES = 8 };

struct hana_pattern {
    pcre2_general_context *general;
    pcre2_match_context *match;
    pcre2_code *code;
    int groups;
    /* Match data for as many threads as search at once; each takes one and puts it back.
     */
    _Atomic(pcre2_match_data *) spare[SPARES];
};

static void *allocate(PCRE2_SIZE size, void *data)
{
    (void)data;
    return hana_alloc(size, 1);
}

static void release(void *block, void *data)
{
    (void)data;
    hana_free(block);
}

void hana_pattern_free(hana_pattern *pattern)
{
    if (!pattern) return;
    for (int i = 0; i < SPARES; i++)
        pcre2_match_data_free(atomic_load(&pattern->spare[i]));
    pcre2_code_free(pattern->code);
    pcre2_match_context_free(pattern->match);
    pcre2_general_context_free(pattern->general);
    hana_free(pattern);
}

static hana_status compile(hana_pattern *made, const char *pattern, size_t length,
                           hana_error *err)
{
    /* Hostile patterns stop there: 0.07 s in machine code, measured on (a+)+$. */
    enum { MATCH_LIMIT = 50000000, HEAP_LIMIT_KIB = 64 * 1024 };
    made->general = pcre2_general_context_create(allocate, release, NULL);
    if (!made->general) return hana_fail_memory(err);
    made->match = pcre2_match_context_create(made->general);
    pcre2_compile_context *context = pcre2_compile_context_create(made->general);
    if (!made->match || !context) {
        pcre2_compile_context_free(context);
        return hana_fail_memory(err);
    }
    pcre2_set_match_limit(made->match, MATCH_LIMIT);
    pcre2_set_heap_limit(made->match, HEAP_LIMIT_KIB);
    int code;
    PCRE2_SIZE at = 0;
    made->code = pcre2_compile((PCRE2_SPTR)pattern, length,
                               PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF |
                                   PCRE2_NEVER_BACKSLASH_C,
                               &code, &at, context);
    pcre2_compile_context_free(context);
    if (!made->code) {
        if (code == PCRE2_ERROR_HEAP_FAILED) return hana_fail_memory(err);
        PCRE2_UCHAR why[256];
        pcre2_get_error_message(code, why, sizeof why);
        hana_status status = hana_fail(err, HANA_BAD_ARGUMENT, "pattern '%.*s': %s",
                                       length < 200 ? (int)length : 200, pattern, why);
        if (err) err->position = (int)at + 1;
        return status;
    }
    /* Without the compiler to machine code the interpreter does the same, more slowly. */
    (void)pcre2_jit_compile(made->code, PCRE2_JIT_COMPLETE);
    uint32_t groups = 0;
    pcre2_pattern_info(made->code, PCRE2_INFO_CAPTURECOUNT, &groups);
    made->groups = (int)groups;
    return HANA_OK;
}

hana_status hana_pattern_new(hana_pattern **out, const char *pattern, size_t length,
                             hana_error *err)
{
    hana_pattern *made = hana_alloc_zero(1, sizeof *made);
    if (!made) return hana_fail_memory(err);
    hana_status status = compile(made, pattern, length, err);
    if (status != HANA_OK) {
        hana_pattern_free(made);
        return status;
    }
    *out = made;
    return HANA_OK;
}

int hana_pattern_groups(const hana_pattern *pattern)
{
    return pattern->groups;
}

const char *hana_pattern_group_name(const hana_pattern *pattern, int group)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &table);
    /* Each entry: the group's number in two bytes, then its name. */
    for (uint32_t i = 0; i < count; i++, table += size)
        if ((table[0] << 8 | table[1]) == group) return (const char *)table + 2;
    return NULL;
}

static pcre2_match_data *borrow(const hana_pattern *pattern)
{
    /* The spares change, what the pattern means does not. */
    _Atomic(pcre2_match_data *) *spare = ((hana_pattern *)(uintptr_t)pattern)->spare;
    for (int i = 0; i < SPARES; i++) {
        pcre2_match_data *data = atomic_exchange(&spare[i], NULL);
        if (data) return data;
    }
    return pcre2_match_data_create_from_pattern(pattern->code, pattern->general);
}

static void give_back(const hana_pattern *pattern, pcre2_match_data *data)
{
    _Atomic(pcre2_match_data *) *spare = ((hana_pattern *)(uintptr_t)pattern)->spare;
    for (int i = 0; i < SPARES; i++) {
        pcre2_match_data *empty = NULL;
        if (atomic_compare_exchange_strong(&spare[i], &empty, data)) return;
    }
    pcre2_match_data_free(data);
}

static hana_status match_failed(int code, hana_error *err)
{
    if (code == PCRE2_ERROR_NOMEMORY) return hana_fail_memory(err);
    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_DEPTHLIMIT ||
        code == PCRE2_ERROR_HEAPLIMIT) {
        return hana_fail(
            err, HANA_UNSUPPORTED,
            "the pattern takes too many steps on this text; make it simpler");
    }
    PCRE2_UCHAR why[256];
    pcre2_get_error_message(code, why, sizeof why);
    return hana_fail(err, HANA_BAD_DATA, "the pattern cannot be matched: %s", why);
}

hana_status hana_pattern_match(const hana_pattern *pattern, const char *text,
                               size_t length, size_t start, size_t *offsets,
                               size_t n_groups, int *found, hana_error *err)
{
    if (start > length) {
        *found = 0;
        return HANA_OK;
    }
    pcre2_match_data *data = borrow(pattern);
    if (!data) return hana_fail_memory(err);
    int code = pcre2_match(pattern->code, (PCRE2_SPTR)text, length, start, 0, data,
                           pattern->match);
    if (code == PCRE2_ERROR_JIT_STACKLIMIT) {
        code = pcre2_match(pattern->code, (PCRE2_SPTR)text, length, start, PCRE2_NO_JIT,
                           data, pattern->match);
    }
    if (code >= 0) {
        const PCRE2_SIZE *pairs = pcre2_get_ovector_pointer(data);
        size_t known = pcre2_get_ovector_count(data);
        for (size_t g = 0; g < n_groups; g++) {
            offsets[2 * g] = g < known ? pairs[2 * g] : (size_t)-1;
            offsets[2 * g + 1] = g < known ? pairs[2 * g + 1] : (size_t)-1;
        }
    }
    give_back(pattern, data);
    if (code < 0 && code != PCRE2_ERROR_NOMATCH) return match_failed(code, err);
    *found = code >= 0;
    return HANA_OK;
}
