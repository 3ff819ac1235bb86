#ifndef HANA_PLUGINS_MARKDOWN_H
#define HANA_PLUGINS_MARKDOWN_H

#include "base/memory.h"

/* Markdown to HTML by cmark-gfm. */
typedef struct hana_markdown {
    /* Appends the HTML of GitHub-flavoured Markdown (tables, strikethrough, bare links,
       task lists, footnotes). Unless `raw`, HTML inside the text is left out. */
    hana_status (*html)(hana_text *out, const char *text, size_t length, int raw,
                        hana_error *err);
} hana_markdown;

#endif
