#define _DEFAULT_SOURCE   /* madvise */
#define _XOPEN_SOURCE 700 /* realpath */
#include "files.h"

#include "io/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* strerror speaks the user's language; messages of the library do not. */
static const char *reason(int code)
{
    switch (code) {
    case ENOENT:
        return "no such file";
    case EACCES:
    case EPERM:
        return "permission denied";
    case EISDIR:
        return "is a folder";
    case ENOTDIR:
        return "a part of the path is no folder";
    case EEXIST:
        return "exists already";
    case ENOSPC:
        return "no space left on the device";
    case EDQUOT:
        return "disk quota exceeded";
    case EFBIG:
        return "file too large";
    case EROFS:
        return "read-only file system";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case ENAMETOOLONG:
        return "name too long";
    case ELOOP:
        return "too many symbolic links";
    case EPIPE:
        return "broken pipe";
    case EIO:
        return "input/output error";
    default:
        return NULL;
    }
}

static hana_status fail_errno(hana_error *err, const char *path, int code)
{
    const char *text = reason(code);
    if (code == ENOMEM) return hana_fail_memory(err);
    if (text) return hana_fail(err, HANA_IO_FAILED, "%s: %s", path, text);
    return hana_fail(err, HANA_IO_FAILED, "%s: error %d of the system", path, code);
}

static int open_again(const char *path, int flags, mode_t mode)
{
    int fd;
    do fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static hana_status read_all(hana_bytes *out, int fd, const char *path, hana_error *err)
{
    size_t length = 0, room = 1 << 16;
    char *data = hana_alloc(room, 1);
    if (!data) return hana_fail_memory(err);
    for (;;) {
        ssize_t n = read(fd, data + length, room - length);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            int code = errno;
            hana_free(data);
            return fail_errno(err, path, code);
        }
        if (n == 0) break;
        length += (size_t)n;
        if (length < room) continue;
        char *grown = hana_realloc(data, 2, room);
        if (!grown) {
            hana_free(data);
            return hana_fail_memory(err);
        }
        data = grown;
        room *= 2;
    }
    *out = (hana_bytes){ .data = data, .length = length, .owner = data };
    return HANA_OK;
}

/* Unpacked in steps of this much, so that a job notices that it is to stop. */
enum { STEP = 4 << 20 };

static hana_status unpack_all(hana_bytes *out, const hana_bytes *packed,
                              hana_packing packing, const char *path, hana_job *job,
                              hana_error *err)
{
    hana_unpacker *unpacker = NULL;
    size_t room = 1 << 16, length = 0, from = 0;
    while (room / 4 < packed->length && room < SIZE_MAX / 4) room *= 2;
    HANA_TRY(hana_unpacker_open(&unpacker, packing, path, err));
    char *data = hana_alloc(room, 1);
    hana_status status = data ? HANA_OK : hana_fail_memory(err);
    hana_job_stage(job, "unpacking", 0, 1);
    while (status == HANA_OK) {
        size_t used = 0, made = 0, space = room - length;
        HANA_GOTO(done, hana_job_at(job, from, packed->length, err));
        HANA_GOTO(done, hana_unpacker_step(unpacker, packed->data + from,
                                           packed->length - from, &used, data + length,
                                           space > STEP ? STEP : space, &made, err));
        from += used;
        length += made;
        if (length == room) {
            char *grown = hana_realloc(data, 2, room);
            if (!grown) HANA_GOTO(done, hana_fail_memory(err));
            data = grown;
            room *= 2;
        } else if (used == 0 && made == 0) {
            break;
        }
    }
    if (status == HANA_OK) status = hana_unpacker_finish(unpacker, err);
done:
    hana_unpacker_close(unpacker);
    if (status != HANA_OK) {
        hana_free(data);
        return status;
    }
    *out = (hana_bytes){ .data = data, .length = length, .owner = data };
    return HANA_OK;
}

static hana_status open_plain(hana_bytes *out, const char *path, hana_error *err)
{
    int fd = open_again(path, O_RDONLY, 0);
    if (fd < 0) return fail_errno(err, path, errno);
    struct stat info;
    hana_status status = HANA_OK;
    if (fstat(fd, &info) != 0) {
        status = fail_errno(err, path, errno);
    } else if (S_ISDIR(info.st_mode)) {
        status = fail_errno(err, path, EISDIR);
    } else if (S_ISREG(info.st_mode) && info.st_size > 0) {
        void *map = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED)
            status = read_all(out, fd, path, err);
        else
            *out = (hana_bytes){
                .data = map, .length = (size_t)info.st_size, .owner = map, .mapped = 1
            };
    } else {
        status = read_all(out, fd, path, err);
    }
    close(fd);
    return status;
}

hana_status hana_file_open(hana_bytes *out, const char *path, hana_job *job,
                           hana_error *err)
{
    hana_bytes plain;
    HANA_TRY(open_plain(&plain, path, err));
    hana_packing packing = hana_packing_of(plain.data, plain.length);
    if (packing == HANA_NOT_PACKED) {
        *out = plain;
        return HANA_OK;
    }
    hana_status status = unpack_all(out, &plain, packing, path, job, err);
    hana_file_close(&plain);
    return status;
}

void hana_file_forget(const hana_bytes *bytes, const char *from, size_t length)
{
#ifdef MADV_DONTNEED
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), address = (uintptr_t)from;
    uintptr_t begin = (address + page - 1) & ~(page - 1);
    uintptr_t end = (address + length) & ~(page - 1);
    if (bytes->mapped && begin < end) madvise((void *)begin, end - begin, MADV_DONTNEED);
#endif
}

void hana_file_close(hana_bytes *bytes)
{
    if (bytes->mapped)
        munmap(bytes->owner, bytes->length);
    else
        hana_free(bytes->owner);
    *bytes = (hana_bytes){ 0 };
}

enum { STREAM_BUFFER = 1 << 17 };

struct hana_stream {
    char *path;
    int fd;
    int begun, at_end;
    size_t file_bytes, read_bytes;
    hana_packing packing;
    hana_unpacker *unpacker;
    size_t from, filled;
    char buffer[STREAM_BUFFER];
};

static hana_status refill(hana_stream *s, hana_error *err)
{
    memmove(s->buffer, s->buffer + s->from, s->filled - s->from);
    s->filled -= s->from;
    s->from = 0;
    ssize_t n;
    do n = read(s->fd, s->buffer + s->filled, STREAM_BUFFER - s->filled);
    while (n < 0 && errno == EINTR);
    if (n < 0) return fail_errno(err, s->path, errno);
    s->filled += (size_t)n;
    s->read_bytes += (size_t)n;
    s->at_end = n == 0;
    return HANA_OK;
}

/* Opens the file (not before: a pipe has one reader) and reads as many bytes as tell how
   it is packed. */
static hana_status begin(hana_stream *s, hana_error *err)
{
    if (s->fd < 0) s->fd = open_again(s->path, O_RDONLY, 0);
    if (s->fd < 0) return fail_errno(err, s->path, errno);
    s->begun = 1;
    while (s->filled < 4 && !s->at_end) HANA_TRY(refill(s, err));
    s->packing = hana_packing_of(s->buffer, s->filled);
    if (s->packing == HANA_NOT_PACKED) return HANA_OK;
    return hana_unpacker_open(&s->unpacker, s->packing, s->path, err);
}

hana_status hana_stream_open(hana_stream **out, const char *path, hana_error *err)
{
    hana_stream *s = hana_alloc_zero(1, sizeof *s);
    if (!s) return hana_fail_memory(err);
    s->fd = -1;
    s->path = hana_strdup(path);
    hana_status status = s->path ? HANA_OK : hana_fail_memory(err);
    struct stat info;
    if (status == HANA_OK) {
        if (stat(path, &info) != 0 || access(path, R_OK) != 0)
            status = fail_errno(err, path, errno);
        else if (S_ISDIR(info.st_mode))
            status = fail_errno(err, path, EISDIR);
        else if (S_ISREG(info.st_mode))
            s->file_bytes = (size_t)info.st_size;
    }
    if (status != HANA_OK) {
        hana_stream_close(s);
        return status;
    }
    *out = s;
    return HANA_OK;
}

void hana_stream_close(hana_stream *s)
{
    if (!s) return;
    if (s->fd >= 0) close(s->fd);
    hana_unpacker_close(s->unpacker);
    hana_free(s->path);
    hana_free(s);
}

/* Of a file that is not packed: what was read to look at it, then the rest as it comes.
 */
static hana_status read_plain(size_t *n, hana_stream *s, char *into, size_t room,
                              hana_error *err)
{
    size_t left = s->filled - s->from;
    if (left) {
        *n = left < room ? left : room;
        memcpy(into, s->buffer + s->from, *n);
        s->from += *n;
        return HANA_OK;
    }
    ssize_t got;
    do got = read(s->fd, into, room);
    while (got < 0 && errno == EINTR);
    if (got < 0) return fail_errno(err, s->path, errno);
    s->read_bytes += (size_t)got;
    *n = (size_t)got;
    return HANA_OK;
}

hana_status hana_stream_read(size_t *n, hana_stream *s, char *into, size_t room,
                             hana_error *err)
{
    if (!s->begun) HANA_TRY(begin(s, err));
    if (!s->unpacker) return read_plain(n, s, into, room, err);
    for (;;) {
        size_t used = 0, made = 0;
        HANA_TRY(hana_unpacker_step(s->unpacker, s->buffer + s->from, s->filled - s->from,
                                    &used, into, room, &made, err));
        s->from += used;
        if (made || (used == 0 && s->at_end)) {
            if (made == 0) HANA_TRY(hana_unpacker_finish(s->unpacker, err));
            *n = made;
            return HANA_OK;
        }
        if (used == 0) HANA_TRY(refill(s, err));
    }
}

hana_status hana_stream_rewind(hana_stream *s, hana_error *err)
{
    if (s->begun && lseek(s->fd, 0, SEEK_SET) != 0)
        return hana_fail(err, HANA_UNSUPPORTED, "%s: cannot be read a second time",
                         s->path);
    hana_unpacker_close(s->unpacker);
    s->unpacker = NULL;
    s->from = s->filled = s->read_bytes = 0;
    s->begun = s->at_end = 0;
    return HANA_OK;
}

double hana_stream_share(const hana_stream *s)
{
    if (s->file_bytes == 0) return -1;
    return (double)(s->read_bytes - (s->filled - s->from)) / (double)s->file_bytes;
}

enum { BUFFER_SIZE = 1 << 16 };

struct hana_file_writer {
    int fd;
    char *path;          /* as the caller named it, for messages */
    char *target;        /* what is renamed over; NULL when written through */
    char *temporary;     /* NULL when written through */
    hana_packer *packer; /* NULL when bytes are written as they are */
    size_t used;
    char buffer[BUFFER_SIZE];
};

static void writer_free(hana_file_writer *file)
{
    hana_packer_close(file->packer);
    hana_free(file->path);
    hana_free(file->target);
    hana_free(file->temporary);
    hana_free(file);
}

void hana_file_abort(hana_file_writer *file)
{
    if (!file) return;
    if (file->fd >= 0) close(file->fd);
    if (file->temporary) unlink(file->temporary);
    writer_free(file);
}

/* The file that a chain of symbolic links ends in, so that the link survives the rename.
 */
static char *resolve(const char *path)
{
    struct stat info;
    if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode)) return hana_strdup(path);
    char *real = realpath(path, NULL);
    char *copy = hana_strdup(real ? real : path);
    free(real);
    return copy;
}

static hana_status open_temporary(hana_file_writer *file, mode_t mode, hana_error *err)
{
    static atomic_uint counter;
    const char *slash = strrchr(file->target, '/');
    int folder = slash ? (int)(slash - file->target) + 1 : 0;
    for (int tries = 0; tries < 1000; tries++) {
        hana_text name = { 0 };
        hana_text_printf(&name, "%.*s.hana-%ld-%u.tmp", folder, file->target,
                         (long)getpid(), atomic_fetch_add(&counter, 1));
        hana_free(file->temporary);
        file->temporary = NULL;
        char *made = NULL;
        HANA_TRY(hana_text_take(&made, &name, err));
        file->fd = open_again(made, O_WRONLY | O_CREAT | O_EXCL, mode);
        int code = errno;
        if (file->fd >= 0) {
            file->temporary = made;
            return HANA_OK;
        }
        hana_free(made);
        if (code == EEXIST) continue;
        if (code == ENOENT)
            return hana_fail(err, HANA_IO_FAILED, "%s: no such folder '%.*s'", file->path,
                             folder ? folder : 1, folder ? file->target : ".");
        return fail_errno(err, file->path, code);
    }
    return fail_errno(err, file->path, EEXIST);
}

hana_status hana_file_create(hana_file_writer **out, const char *path, hana_error *err)
{
    hana_file_writer *file = hana_alloc_zero(1, sizeof *file);
    if (!file) return hana_fail_memory(err);
    file->fd = -1;
    file->path = hana_strdup(path);
    if (!file->path) {
        hana_file_abort(file);
        return hana_fail_memory(err);
    }
    hana_status status = HANA_OK;
    struct stat info;
    int exists = stat(path, &info) == 0;
    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        file->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
        if (file->fd < 0) status = fail_errno(err, path, errno);
    } else if (exists && S_ISDIR(info.st_mode)) {
        status = fail_errno(err, path, EISDIR);
    } else if (exists && !S_ISREG(info.st_mode)) {
        file->fd = open_again(path, O_WRONLY, 0);
        if (file->fd < 0) status = fail_errno(err, path, errno);
    } else if (exists && access(path, W_OK) != 0) {
        status = fail_errno(err, path, errno);
    } else {
        file->target = resolve(path);
        status = file->target
                     ? open_temporary(file, exists ? info.st_mode & 0777 : 0666, err)
                     : hana_fail_memory(err);
    }
    if (status != HANA_OK) {
        hana_file_abort(file);
        return status;
    }
    *out = file;
    return HANA_OK;
}

static int ends_in(const char *path, const char *ending)
{
    size_t n = strlen(path), m = strlen(ending);
    return n > m && strcmp(path + n - m, ending) == 0;
}

hana_status hana_file_create_packed(hana_file_writer **out, const char *path,
                                    hana_error *err)
{
    if (ends_in(path, ".zst"))
        return hana_fail(err, HANA_UNSUPPORTED,
                         "%s: zstd is read, not written; a name in .gz is packed by gzip",
                         path);
    hana_file_writer *file = NULL;
    HANA_TRY(hana_file_create(&file, path, err));
    hana_status status =
        ends_in(path, ".gz") ? hana_packer_open(&file->packer, err) : HANA_OK;
    if (status != HANA_OK) {
        hana_file_abort(file);
        return status;
    }
    *out = file;
    return HANA_OK;
}

static hana_status write_through(hana_file_writer *file, const char *bytes, size_t n,
                                 hana_error *err)
{
    while (n > 0) {
        HANA_TRY(hana_poll_job(err));
        ssize_t written = write(file->fd, bytes, n < STEP ? n : STEP);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail_errno(err, file->path, errno);
        bytes += written;
        n -= (size_t)written;
    }
    return HANA_OK;
}

static hana_status flush(hana_file_writer *file, hana_error *err)
{
    size_t n = file->used;
    file->used = 0;
    return write_through(file, file->buffer, n, err);
}

static hana_status put(hana_file_writer *file, const void *bytes, size_t n,
                       hana_error *err)
{
    if (n > BUFFER_SIZE - file->used) HANA_TRY(flush(file, err));
    if (n > BUFFER_SIZE) return write_through(file, bytes, n, err);
    if (n) memcpy(file->buffer + file->used, bytes, n);
    file->used += n;
    return HANA_OK;
}

static hana_status put_packed(hana_file_writer *file, const char *bytes, size_t n,
                              int last, hana_error *err)
{
    char packed[1 << 14];
    size_t used, made;
    do {
        HANA_TRY(hana_poll_job(err));
        HANA_TRY(hana_packer_step(file->packer, bytes, n < STEP ? n : STEP,
                                  last && n <= STEP, &used, packed, sizeof packed, &made,
                                  err));
        bytes += used;
        n -= used;
        HANA_TRY(put(file, packed, made, err));
    } while (n > 0 || made == sizeof packed);
    return HANA_OK;
}

hana_status hana_file_write(hana_file_writer *file, const void *bytes, size_t n,
                            hana_error *err)
{
    return file->packer ? put_packed(file, bytes, n, 0, err) : put(file, bytes, n, err);
}

/* Makes the new name itself durable; a file system that cannot is no reason to fail. */
static void sync_folder(const char *target)
{
    const char *slash = strrchr(target, '/');
    char *folder =
        slash ? hana_strndup(target, (size_t)(slash - target) + 1) : hana_strdup(".");
    if (!folder) return;
    int fd = open_again(folder, O_RDONLY, 0);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    hana_free(folder);
}

hana_status hana_file_commit(hana_file_writer *file, hana_error *err)
{
    hana_status status = file->packer ? put_packed(file, "", 0, 1, err) : HANA_OK;
    if (status == HANA_OK) status = flush(file, err);
    if (status == HANA_OK && file->temporary && fsync(file->fd) != 0)
        status = fail_errno(err, file->path, errno);
    int fd = file->fd;
    file->fd = -1;
    if (close(fd) != 0 && status == HANA_OK) status = fail_errno(err, file->path, errno);
    if (status == HANA_OK && file->temporary &&
        rename(file->temporary, file->target) != 0)
        status = fail_errno(err, file->path, errno);
    if (status != HANA_OK) {
        hana_file_abort(file);
        return status;
    }
    if (file->temporary) sync_folder(file->target);
    writer_free(file);
    return HANA_OK;
}

hana_status hana_file_put(const char *path, const void *bytes, size_t n, hana_error *err)
{
    hana_file_writer *file = NULL;
    HANA_TRY(hana_file_create(&file, path, err));
    hana_status status = hana_file_write(file, bytes, n, err);
    if (status != HANA_OK) {
        hana_file_abort(file);
        return status;
    }
    return hana_file_commit(file, err);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

hana_status hana_file_glob(char ***paths, size_t *n, const char *pattern, hana_error *err)
{
    glob_t found = { 0 };
    int code = glob(pattern, GLOB_NOSORT, NULL, &found);
    if (code != 0 && code != GLOB_NOMATCH) {
        globfree(&found);
        if (code == GLOB_NOSPACE) return hana_fail_memory(err);
        return hana_fail(err, HANA_IO_FAILED, "%s: cannot be searched", pattern);
    }
    size_t count = code == GLOB_NOMATCH ? 0 : found.gl_pathc, filled = 0;
    char **list = hana_alloc_zero(count, sizeof *list);
    while (list && filled < count) {
        list[filled] = hana_strdup(found.gl_pathv[filled]);
        if (!list[filled]) break;
        filled++;
    }
    globfree(&found);
    if (!list || filled < count) {
        while (filled > 0) hana_free(list[--filled]);
        hana_free(list);
        return hana_fail_memory(err);
    }
    if (count) qsort(list, count, sizeof *list, by_bytes);
    *paths = list;
    *n = count;
    return HANA_OK;
}

hana_status hana_file_make_folder(const char *path, hana_error *err)
{
    char *part = hana_strdup(path);
    if (!part) return hana_fail_memory(err);
    int code = 0;
    for (char *p = part + (*part != '\0'); code == 0; p++) {
        if (*p != '/' && *p != '\0') continue;
        char kept = *p;
        *p = '\0';
        struct stat info;
        if (*part && mkdir(part, 0777) != 0)
            code = errno != EEXIST                                   ? errno
                   : stat(part, &info) == 0 && S_ISDIR(info.st_mode) ? 0
                                                                     : ENOTDIR;
        *p = kept;
        if (kept == '\0') break;
    }
    hana_free(part);
    return code ? fail_errno(err, path, code) : HANA_OK;
}
