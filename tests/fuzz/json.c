#include "fuzz.h"

#include <hana.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What decodes, encodes to a text that decodes and encodes to the same text. */
static void round_trip(const hana_value *value)
{
    hana_error err;
    hana_text first = { 0 }, second = { 0 };
    hana_value again = { 0 };
    if (hana_json_encode(&first, value, 0, 1, &err) == HANA_OK) {
        FUZZ_CHECK(hana_json_decode(&again, first.data, first.length, &err) == HANA_OK);
        FUZZ_CHECK(hana_json_encode(&second, &again, 0, 1, &err) == HANA_OK);
        FUZZ_CHECK(first.length == second.length &&
                   memcmp(first.data, second.data, first.length) == 0);
    }
    hana_value_clear(&again);
    hana_text_clear(&first);
    hana_text_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hana_start();
    int64_t blocks = hana_memory_now().blocks;
    hana_error err;
    hana_value value = { 0 }, document = { 0 };
    if (hana_json_decode(&value, (const char *)data, size, &err) == HANA_OK)
        round_trip(&value);
    (void)hana_document_read(&document, (const char *)data, size, &err);
    hana_value_clear(&value);
    hana_value_clear(&document);
    FUZZ_CHECK(hana_memory_now().blocks == blocks);
    return 0;
}
