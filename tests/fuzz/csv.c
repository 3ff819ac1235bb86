#include "fuzz.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>

/* The first byte chooses the options; the rest is the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    if (size == 0) return 0;
    int64_t blocks = hana_memory_now().blocks;
    hana_error err;
    hana_csv_options options = { 0 };
    FUZZ_CHECK(hana_csv_options_init(&options, &err) == HANA_OK);
    options.on_error = data[0] % 3;
    options.header = (data[0] & 4) == 0;
    if (data[0] & 8) options.quote = 0;
    if (data[0] & 16) options.delimiter = hana_strdup(";");
    hana_frame *frame = NULL;
    hana_value report = { 0 };
    hana_status status = hana_csv_read(&frame, &report, NULL, (const char *)data + 1,
                                       size - 1, &options, NULL, &err);
    FUZZ_CHECK((status == HANA_OK) == (frame != NULL));
    if (frame) {
        hana_text text = { 0 };
        if (hana_csv_write(frame, NULL, &text, NULL, &err) == HANA_OK)
            FUZZ_CHECK(text.data != NULL || hana_frame_cols(frame) == 0);
        hana_text_clear(&text);
    }
    hana_frame_release(frame);
    hana_value_clear(&report);
    hana_csv_options_clear(&options);
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    return 0;
}
