#include "fuzz.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>

static const char table[] =
    "a,b,text,day,flag\n1,2.5,x,2024-01-31,true\n,-1,,2023-02-28,false\n"
    "9007199254740993,1e300,\xEA\xB0\x80,,\n";

static const hana_frame *frame(void)
{
    static hana_frame *made;
    hana_error err;
    hana_csv_options options = { 0 };
    if (made) return made;
    FUZZ_CHECK(hana_csv_options_init(&options, &err) == HANA_OK);
    FUZZ_CHECK(hana_csv_read(&made, NULL, NULL, table, sizeof table - 1, &options, NULL,
                             &err) == HANA_OK);
    hana_csv_options_clear(&options);
    return made;
}

/* What parses and has a type on the frame evaluates to a column of that type, or is
 * refused. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    const hana_frame *rows = frame();
    int64_t blocks = hana_memory_now().blocks;
    hana_error err;
    hana_expr *expr = NULL;
    hana_column *column = NULL;
    hana_type type;
    if (hana_expr_parse(&expr, (const char *)data, size, NULL, &err) == HANA_OK) {
        int typed = hana_expr_type(&type, expr, rows, &err) == HANA_OK;
        if (hana_expr_eval(&column, expr, rows, NULL, &err) == HANA_OK) {
            FUZZ_CHECK(typed && hana_column_type(column) == type);
            FUZZ_CHECK(hana_column_length(column) == hana_frame_rows(rows));
            hana_column_release(column);
        }
        hana_expr_release(expr);
    } else {
        FUZZ_CHECK(expr == NULL);
    }
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    return 0;
}
