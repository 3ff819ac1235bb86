#include "markdown.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>
#include <setjmp.h>

/* cmark-gfm takes for granted that memory never runs out. Its blocks come from here: all
   of one call are on a list, so that a failing allocation can leave the call and free
   them together. */
typedef struct block {
    struct block *previous, *next;
} block;

static _Thread_local struct {
    block blocks; /* head of the ring */
    jmp_buf failed;
} call;

static void *keep(block *b)
{
    if (!b) longjmp(call.failed, 1);
    b->next = call.blocks.next;
    b->previous = &call.blocks;
    b->next->previous = b;
    call.blocks.next = b;
    return b + 1;
}

static void drop(block *b)
{
    b->previous->next = b->next;
    b->next->previous = b->previous;
}

static void *allocate(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX - sizeof(block)) / size) longjmp(call.failed, 1);
    return keep(hana_alloc_zero(1, sizeof(block) + count * size));
}

static void *resize(void *old, size_t size)
{
    if (!old) return allocate(1, size);
    block *b = (block *)old - 1;
    drop(b);
    block *moved = hana_realloc(b, 1, sizeof(block) + size);
    if (!moved) {
        keep(b);
        longjmp(call.failed, 1);
    }
    return keep(moved);
}

static void release(void *old)
{
    if (!old) return;
    block *b = (block *)old - 1;
    drop(b);
    hana_free(b);
}

static const char *const extensions[] = { "table", "strikethrough", "autolink",
                                          "tasklist" };

static char *render(const char *text, size_t length, int raw)
{
    static cmark_mem memory = { allocate, resize, release };
    int options = CMARK_OPT_VALIDATE_UTF8 | CMARK_OPT_FOOTNOTES;
    if (raw) options |= CMARK_OPT_UNSAFE;
    cmark_parser *parser = cmark_parser_new_with_mem(options, &memory);
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        cmark_parser_attach_syntax_extension(parser,
                                             cmark_find_syntax_extension(extensions[i]));
    cmark_parser_feed(parser, text, length);
    cmark_node *document = cmark_parser_finish(parser);
    return cmark_render_html_with_mem(
        document, options, cmark_parser_get_syntax_extensions(parser), &memory);
}

static hana_status html(hana_text *out, const char *text, size_t length, int raw,
                        hana_error *err)
{
    cmark_gfm_core_extensions_ensure_registered();
    call.blocks.previous = call.blocks.next = &call.blocks;
    hana_status status = HANA_OK;
    if (setjmp(call.failed) == 0)
        hana_text_puts(out, render(text, length, raw));
    else
        status = hana_fail_memory(err);
    while (call.blocks.next != &call.blocks) release(call.blocks.next + 1);
    if (status == HANA_OK && out->failed) status = hana_fail_memory(err);
    return status;
}

extern HANA_API const hana_markdown hana_plugin;
const hana_markdown hana_plugin = { .html = html };
