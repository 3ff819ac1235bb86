#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* replay FOLDER: every file of the corpus through the target, then mutations of it, the
   same in every run. */

enum { MUTATIONS = 300 };

static uint64_t state = 88172645463325252u;

static size_t below(size_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return n ? (size_t)(state % n) : 0;
}

/* Bytes changed, removed, doubled or made special. */
static size_t mutate(uint8_t *data, size_t size, size_t room)
{
    static const uint8_t special[] = { 0,    9,   10,  13,  '"',  ',', ';',
                                       '\\', '{', '[', '(', 0x7f, 0xff };
    for (size_t n = 1 + below(4); n > 0; n--) {
        size_t at = below(size), length = 1 + below(8);
        switch (below(4)) {
        case 0:
            if (size) data[at] = (uint8_t)below(256);
            break;
        case 1:
            if (size) data[at] = special[below(sizeof special)];
            break;
        case 2:
            if (length > size - at) length = size - at;
            memmove(data + at, data + at + length, size - at - length);
            size -= length;
            break;
        default:
            if (length > size - at) length = size - at;
            if (size + length > room) break;
            memmove(data + at + length, data + at, size - at);
            size += length;
        }
    }
    return size;
}

static int replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    fseek(file, 0, SEEK_END);
    long end = ftell(file);
    rewind(file);
    size_t size = end > 0 ? (size_t)end : 0, room = size + 64;
    uint8_t *data = malloc(room), *copy = malloc(room);
    if (!data || !copy || fread(data, 1, size, file) != size) abort();
    fclose(file);
    LLVMFuzzerTestOneInput(data, size);
    for (int i = 0; i < MUTATIONS; i++) {
        memcpy(copy, data, size);
        size_t changed = mutate(copy, size, room);
        LLVMFuzzerTestOneInput(copy, changed);
    }
    free(data);
    free(copy);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc != 2) return 2;
    DIR *folder = opendir(argv[1]);
    int replayed = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.') continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        replayed += replay(path);
    }
    if (folder) closedir(folder);
    printf("%d inputs and %d mutations of each\n", replayed, MUTATIONS);
    return replayed > 0 ? 0 : 1;
}
