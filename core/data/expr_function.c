#include "data/expr_term.h"

#include <pthread.h>
#include <string.h>

/* The functions of all files, by name. */

static const hana_function *const tables[] = {
    hana_functions_number,   hana_functions_logic, hana_functions_cast,
    hana_functions_text,     hana_functions_time,  hana_functions_window,
    hana_functions_aggregate
};
enum { N_TABLES = sizeof tables / sizeof *tables, MOST = 255 };

const hana_function *hana_function_find(const char *name)
{
    for (size_t t = 0; t < N_TABLES; t++)
        for (const hana_function *f = tables[t]; f->info.name; f++)
            if (strcmp(f->info.name, name) == 0) return f;
    return NULL;
}

static hana_function_info infos[MOST + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void collect(void)
{
    size_t n = 0;
    for (size_t t = 0; t < N_TABLES; t++)
        for (const hana_function *f = tables[t]; f->info.name && n < MOST; f++)
            infos[n++] = f->info;
}

const hana_function_info *hana_expr_functions(void)
{
    pthread_once(&once, collect);
    return infos;
}
