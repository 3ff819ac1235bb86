#include "xlsx_parts.h"

#include <string.h>

/* --- parts of the package ---------------------------------------------------------- */

const char *hana_xml_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2) {
        const char *colon = strchr(attributes[0], ':');
        if (strcmp(colon ? colon + 1 : attributes[0], name) == 0) return attributes[1];
    }
    return NULL;
}

int hana_xml_true(const char *value)
{
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

typedef struct parsing {
    XML_Parser parser;
    const hana_xml_handlers *handlers;
    void *context;
    int begun;
    char prefix[32]; /* of the root, with its colon */
    hana_status status;
    hana_error error;
} parsing;

/* Names with the root's prefix go without it. Others, such as x14:workbookPr, are those
   of extensions and stay whole: they must not be taken for what they are called like. */
static const char *local_name(parsing *p, const char *name)
{
    const char *colon = strchr(name, ':');
    size_t n = colon ? (size_t)(colon + 1 - name) : 0;
    if (!p->begun && n < sizeof p->prefix) memcpy(p->prefix, name, n);
    p->begun = 1;
    return n && n == strlen(p->prefix) && memcmp(name, p->prefix, n) == 0 ? colon + 1
           : n == 0 && *p->prefix                                         ? "?"
                                                                          : name;
}

static void stop(parsing *p, hana_status status)
{
    if (status == HANA_OK) return;
    p->status = status;
    XML_StopParser(p->parser, XML_FALSE);
}

static void on_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    parsing *p = data;
    if (p->status == HANA_OK && p->handlers->start)
        stop(p,
             p->handlers->start(p->context, local_name(p, name), attributes, &p->error));
}

static void on_end(void *data, const XML_Char *name)
{
    parsing *p = data;
    if (p->status == HANA_OK && p->handlers->end)
        stop(p, p->handlers->end(p->context, local_name(p, name), &p->error));
}

static void on_text(void *data, const XML_Char *text, int length)
{
    parsing *p = data;
    if (p->status == HANA_OK && p->handlers->text)
        stop(p, p->handlers->text(p->context, text, (size_t)length, &p->error));
}

/* Workbooks have no document type: its entities are a way to blow a file up. */
static void on_doctype(void *data, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public_id, int internal)
{
    parsing *p = data;
    (void)name;
    (void)system;
    (void)public_id;
    (void)internal;
    stop(p, hana_fail(&p->error, HANA_BAD_FORMAT, "a document type declaration"));
}

static void *xml_allocate(size_t size)
{
    return hana_alloc(size, 1);
}

static void *xml_resize(void *block, size_t size)
{
    return hana_realloc(block, size, 1);
}

static hana_status feed(hana_workbook *book, zip_file_t *file, parsing *p,
                        const char *part, hana_error *err)
{
    char buffer[1 << 16];
    for (;;) {
        zip_int64_t n = zip_fread(file, buffer, sizeof buffer);
        if (n < 0)
            return hana_fail(err, HANA_BAD_FORMAT, "part %s of the package: %s", part,
                             zip_file_strerror(file));
        book->unpacked += (size_t)n;
        if (book->unpacked > book->allowed)
            return hana_fail(err, HANA_BAD_FORMAT,
                             "part %s unpacks to more than %zu MiB, far more than a "
                             "workbook of %zu bytes holds",
                             part, book->allowed >> 20, book->size);
        enum XML_Status parsed = XML_Parse(p->parser, buffer, (int)n, n == 0);
        if (p->status != HANA_OK)
            return hana_fail(err, p->status, "%s", p->error.message);
        if (parsed != XML_STATUS_OK) {
            enum XML_Error code = XML_GetErrorCode(p->parser);
            if (code == XML_ERROR_NO_MEMORY) return hana_fail_memory(err);
            return hana_fail(err, HANA_BAD_FORMAT, "part %s, line %lu: %s", part,
                             (unsigned long)XML_GetCurrentLineNumber(p->parser),
                             XML_ErrorString(code));
        }
        if (n == 0) return HANA_OK;
    }
}

hana_status hana_xlsx_parse(hana_workbook *book, const char *part,
                            const hana_xml_handlers *handlers, void *context,
                            hana_error *err)
{
    static const XML_Memory_Handling_Suite memory = { xml_allocate, xml_resize,
                                                      hana_free };
    parsing p = { .handlers = handlers, .context = context };
    zip_file_t *file = zip_fopen(book->zip, part, ZIP_FL_NOCASE);
    if (!file)
        return hana_fail(err, HANA_BAD_FORMAT, "part %s of the package: %s", part,
                         zip_strerror(book->zip));
    hana_status status;
    p.parser = XML_ParserCreate_MM(NULL, &memory, NULL);
    if (!p.parser) {
        status = hana_fail_memory(err);
    } else {
        XML_SetUserData(p.parser, &p);
        XML_SetElementHandler(p.parser, on_start, on_end);
        XML_SetCharacterDataHandler(p.parser, on_text);
        XML_SetStartDoctypeDeclHandler(p.parser, on_doctype);
        status = feed(book, file, &p, part, err);
        XML_ParserFree(p.parser);
    }
    zip_fclose(file);
    return status;
}

/* --- what the package holds -------------------------------------------------------- */

static int ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The part that a target means in the relations of `base`: relative to its folder. */
static hana_status resolve(char **out, const char *base, const char *target,
                           hana_error *err)
{
    hana_text path = { 0 };
    const char *slash = strrchr(base, '/');
    size_t folder = slash ? (size_t)(slash - base) : 0;
    if (*target == '/') {
        hana_text_puts(&path, target + 1);
    } else {
        while (strncmp(target, "../", 3) == 0) {
            target += 3;
            while (folder > 0 && base[folder - 1] != '/') folder--;
            if (folder > 0) folder--;
        }
        if (strncmp(target, "./", 2) == 0) target += 2;
        hana_text_add(&path, base, folder);
        if (folder) hana_text_putc(&path, '/');
        hana_text_puts(&path, target);
    }
    return hana_text_take(out, &path, err);
}

static hana_status set(char **field, char *value)
{
    hana_free(*field);
    *field = value;
    return HANA_OK;
}

static hana_status on_root_relation(void *context, const char *name,
                                    const char **attributes, hana_error *err)
{
    hana_workbook *book = context;
    const char *type = hana_xml_attribute(attributes, "Type"),
               *target = hana_xml_attribute(attributes, "Target");
    if (strcmp(name, "Relationship") != 0 || !type || !target) return HANA_OK;
    if (!ends_with(type, "/officeDocument")) return HANA_OK;
    char *part;
    HANA_TRY(resolve(&part, "", target, err));
    return set(&book->main, part);
}

static hana_status on_relation(void *context, const char *name, const char **attributes,
                               hana_error *err)
{
    hana_workbook *book = context;
    const char *type = hana_xml_attribute(attributes, "Type"),
               *target = hana_xml_attribute(attributes, "Target"),
               *id = hana_xml_attribute(attributes, "Id");
    if (strcmp(name, "Relationship") != 0 || !type || !target || !id) return HANA_OK;
    char *part;
    HANA_TRY(resolve(&part, book->main, target, err));
    if (ends_with(type, "/sharedStrings")) return set(&book->strings_part, part);
    if (ends_with(type, "/styles")) return set(&book->styles_part, part);
    if (ends_with(type, "/worksheet"))
        for (size_t i = 0; i < book->n_sheets; i++) {
            hana_xlsx_sheet *s = &book->sheets[i];
            if (!s->part && strcmp(s->relation, id) == 0) {
                s->part = part;
                return HANA_OK;
            }
        }
    hana_free(part);
    return HANA_OK;
}

static hana_status add_sheet(hana_workbook *book, const char *name, const char *id,
                             hana_error *err)
{
    hana_xlsx_sheet *grown =
        hana_realloc(book->sheets, book->n_sheets + 1, sizeof *grown);
    if (!grown) return hana_fail_memory(err);
    book->sheets = grown;
    hana_xlsx_sheet s = { .name = hana_strdup(name), .relation = hana_strdup(id) };
    if (!s.name || !s.relation) {
        hana_free(s.name);
        hana_free(s.relation);
        return hana_fail_memory(err);
    }
    book->sheets[book->n_sheets++] = s;
    return HANA_OK;
}

static hana_status on_workbook(void *context, const char *name, const char **attributes,
                               hana_error *err)
{
    hana_workbook *book = context;
    if (strcmp(name, "workbookPr") == 0)
        book->date1904 = hana_xml_true(hana_xml_attribute(attributes, "date1904"));
    if (strcmp(name, "sheet") != 0) return HANA_OK;
    const char *title = hana_xml_attribute(attributes, "name"), *id = NULL;
    /* r:id, not sheetId */
    for (const char **a = attributes; *a; a += 2)
        if (ends_with(a[0], ":id")) id = a[1];
    return title && id ? add_sheet(book, title, id, err) : HANA_OK;
}

static hana_status relations_of(char **out, const char *part, hana_error *err)
{
    hana_text path = { 0 };
    const char *slash = strrchr(part, '/');
    size_t folder = slash ? (size_t)(slash + 1 - part) : 0;
    hana_text_add(&path, part, folder);
    hana_text_printf(&path, "_rels/%s.rels", part + folder);
    return hana_text_take(out, &path, err);
}

/* Sheets of charts and macros have no cells. */
static void drop_other_sheets(hana_workbook *book)
{
    size_t n = 0;
    for (size_t i = 0; i < book->n_sheets; i++) {
        hana_xlsx_sheet s = book->sheets[i];
        if (s.part) {
            book->sheets[n++] = s;
            continue;
        }
        hana_free(s.name);
        hana_free(s.relation);
    }
    book->n_sheets = n;
}

static hana_status read_package(hana_workbook *book, hana_error *err)
{
    static const hana_xml_handlers root = { .start = on_root_relation },
                                   workbook = { .start = on_workbook },
                                   relation = { .start = on_relation };
    if (zip_name_locate(book->zip, "mimetype", 0) >= 0 &&
        zip_name_locate(book->zip, "content.xml", 0) >= 0)
        return hana_fail(err, HANA_UNSUPPORTED,
                         "an OpenDocument file, not an Excel workbook: save it as .xlsx "
                         "or CSV");
    if (zip_name_locate(book->zip, "_rels/.rels", ZIP_FL_NOCASE) < 0)
        return hana_fail(err, HANA_BAD_FORMAT,
                         "a zip archive, but not an Excel workbook");
    HANA_TRY(hana_xlsx_parse(book, "_rels/.rels", &root, book, err));
    if (!book->main)
        return hana_fail(err, HANA_BAD_FORMAT, "an Office file without a workbook");
    if (ends_with(book->main, ".bin"))
        return hana_fail(err, HANA_UNSUPPORTED,
                         "a binary workbook (.xlsb): save it as .xlsx or CSV");
    if (!ends_with(book->main, ".xml") || strstr(book->main, "word/") ||
        strstr(book->main, "ppt/"))
        return hana_fail(err, HANA_BAD_FORMAT, "an Office file that is not a workbook");
    HANA_TRY(hana_xlsx_parse(book, book->main, &workbook, book, err));
    char *relations;
    HANA_TRY(relations_of(&relations, book->main, err));
    hana_status status = hana_xlsx_parse(book, relations, &relation, book, err);
    hana_free(relations);
    HANA_TRY(status);
    drop_other_sheets(book);
    return HANA_OK;
}

static void close_book(hana_workbook *book)
{
    if (!book) return;
    for (size_t i = 0; i < book->n_sheets; i++) {
        hana_free(book->sheets[i].name);
        hana_free(book->sheets[i].relation);
        hana_free(book->sheets[i].part);
    }
    hana_free(book->sheets);
    hana_free(book->main);
    hana_free(book->strings_part);
    hana_free(book->styles_part);
    hana_text_clear(&book->strings);
    hana_free(book->string_ends);
    hana_free(book->formats);
    if (book->zip) zip_discard(book->zip);
    hana_free(book);
}

static hana_status open_book(hana_workbook **out, const char *bytes, size_t length,
                             hana_error *err)
{
    enum { ALLOWED = 64 << 20, ALLOWED_TIMES = 300 };
    hana_workbook *book = hana_alloc_zero(1, sizeof *book);
    if (!book) return hana_fail_memory(err);
    book->size = length;
    book->allowed = ALLOWED + ALLOWED_TIMES * length;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, length, 0, &error);
    book->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
    hana_status status = HANA_OK;
    if (!book->zip) {
        if (source) zip_source_free(source);
        status = hana_fail(err, HANA_BAD_FORMAT, "not a whole Excel workbook: %s",
                           zip_error_strerror(&error));
    }
    zip_error_fini(&error);
    if (status == HANA_OK) status = read_package(book, err);
    if (status != HANA_OK) {
        close_book(book);
        return status;
    }
    *out = book;
    return HANA_OK;
}

static size_t count(const hana_workbook *book)
{
    return book->n_sheets;
}

static const char *name_of(const hana_workbook *book, size_t sheet)
{
    return book->sheets[sheet].name;
}

extern HANA_API const hana_workbook_reader hana_plugin;
const hana_workbook_reader hana_plugin = { .open = open_book,
                                           .close = close_book,
                                           .count = count,
                                           .name = name_of,
                                           .read = hana_xlsx_read_sheet };
