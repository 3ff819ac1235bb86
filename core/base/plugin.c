#define _GNU_SOURCE
#include "plugin.h"

#include "memory.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

/* hana/<name>.so in the folder of the shared object that holds this code. */
static void add_path(hana_text *path, const char *name)
{
    static const char anchor;
    Dl_info info;
    if (dladdr(&anchor, &info) && info.dli_fname) {
        const char *slash = strrchr(info.dli_fname, '/');
        if (slash)
            hana_text_add(path, info.dli_fname, (size_t)(slash + 1 - info.dli_fname));
    }
    hana_text_printf(path, "hana/%s.so", name);
}

hana_status hana_plugin_open(const void **table, const hana_plugin *plugin,
                             hana_error *err)
{
    hana_text text = { 0 };
    char *path = NULL;
    add_path(&text, plugin->name);
    HANA_TRY(hana_text_take(&path, &text, err));

    hana_status status = HANA_OK;
    if (access(path, R_OK) != 0) {
        status =
            hana_fail(err, HANA_UNSUPPORTED,
                      "%s is not part of this build: install the Debian package %s and "
                      "build hana again",
                      plugin->purpose, plugin->build_package);
        goto done;
    }
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const void *found = handle ? dlsym(handle, "hana_plugin") : NULL;
    if (!found) {
        status = hana_fail(err, HANA_UNSUPPORTED, "%s needs the Debian package %s (%s)",
                           plugin->purpose, plugin->package, dlerror());
        if (handle) dlclose(handle);
        goto done;
    }
    *table = found;
done:
    hana_free(path);
    return status;
}
