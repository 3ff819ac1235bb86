#include "csv_parts.h"

#include <stdatomic.h>
#include <string.h>

/* Values of many stretches lie one behind the other in a room, whose pages go back to the
   system when the last of them was put into its column: so that while columns grow, what
   they are made from shrinks. */
struct hana_csv_room {
    atomic_size_t users;
    size_t size, used;
    int recycled; /* from memory that frames before left, and kept for frames to come */
    char *data;
};

enum { ROOM_BYTES = 8 << 20, ALIGNED = 64 };

void hana_csv_room_release(hana_csv_room *room)
{
    if (!room || atomic_fetch_sub_explicit(&room->users, 1, memory_order_acq_rel) > 1)
        return;
    if (room->recycled)
        hana_free(room->data);
    else
        hana_pages_free(room->data, room->size);
    hana_free(room);
}

/* In a process that reads one file, pages that go back leave room for its columns. Where
   memory was freed before, to use that is quicker than to have the system clear pages. */
static hana_csv_room *make(size_t bytes)
{
    hana_csv_room *room = hana_alloc_zero(1, sizeof *room);
    if (!room) return NULL;
    atomic_init(&room->users, 1);
    room->size = bytes > ROOM_BYTES ? bytes : ROOM_BYTES;
    room->recycled = hana_memory_kept() >= room->size;
    room->data =
        room->recycled ? hana_alloc(room->size, 1) : hana_pages_alloc(room->size);
    if (room->data) return room;
    hana_free(room);
    return NULL;
}

hana_status hana_csv_room_share(hana_csv_room **out, hana_csv_room **current,
                                size_t bytes, hana_error *err)
{
    if (!*current || (*current)->size - (*current)->used < bytes) {
        hana_csv_room *room = make(bytes);
        if (!room) return hana_fail_memory(err);
        hana_csv_room_release(*current);
        *current = room;
    }
    atomic_fetch_add_explicit(&(*current)->users, 1, memory_order_relaxed);
    *out = *current;
    return HANA_OK;
}

size_t hana_csv_room_need(size_t bytes)
{
    return (bytes + ALIGNED - 1) & ~(size_t)(ALIGNED - 1);
}

void *hana_csv_room_take(hana_csv_room *room, size_t bytes)
{
    bytes = hana_csv_room_need(bytes);
    if (!room || room->size - room->used < bytes) return NULL;
    void *place = room->data + room->used;
    room->used += bytes;
    if (room->recycled) memset(place, 0, bytes);
    return place;
}
