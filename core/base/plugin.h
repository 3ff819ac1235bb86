#ifndef HANA_BASE_PLUGIN_H
#define HANA_BASE_PLUGIN_H

#include "error.h"

/* Parts that need a library which not everyone wants loaded: shared objects in hana/
   beside libhana, opened on first use. Each exports one constant, `hana_plugin`, a table
   of functions whose type stands in core/plugins/<name>.h. */
typedef struct hana_plugin {
    const char *name;    /* of the file: "markdown" */
    const char *purpose; /* what a message calls it: "Markdown to HTML" */
    const char
        *package; /* Debian package that it needs when it runs, and when it is built */
    const char *build_package;
} hana_plugin;

/* The table of the plugin, for the life of the process. HANA_UNSUPPORTED when it was left
   out of the build or its library is not installed; the message names the Debian package.
 */
HANA_API hana_status hana_plugin_open(const void **table, const hana_plugin *plugin,
                                      hana_error *err);

#endif
