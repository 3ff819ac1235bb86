#include "line_editor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

static volatile sig_atomic_t interrupted;
static char *entered; /* the line, malloc'd by readline */
static int done;      /* a line or the end was entered */
static hana_complete_fn *completer;
static void *completer_context;

static void on_interrupt(int sig)
{
    (void)sig;
    interrupted = 1;
}

static void on_line(char *line)
{
    entered = line;
    done = 1;
    rl_callback_handler_remove();
}

/* The matches with their longest common beginning in front, malloc'd, as readline frees
 * them. */
static char **matches(const char *list, size_t length)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) n += list[i] == '\0';
    char **all = n ? calloc(n + 2, sizeof *all) : NULL;
    if (!all) return NULL;
    const char *item = list;
    size_t common = strlen(list);
    for (size_t i = 1; i <= n; i++) {
        size_t same = 0;
        while (same < common && item[same] == list[same]) same++;
        common = same;
        all[i] = strdup(item);
        item += strlen(item) + 1;
    }
    while (common > 0 && ((unsigned char)list[common] & 0xC0) == 0x80) common--;
    all[0] = strndup(list, common);
    if (n == 1) {
        free(all[1]);
        all[1] = NULL;
    }
    return all;
}

static char **complete(const char *text, int start, int end)
{
    (void)text;
    if (!completer) return NULL;
    hana_text list = { 0 };
    int files =
        completer(completer_context, rl_line_buffer, (size_t)start, (size_t)end, &list);
    char **all = list.failed ? NULL : matches(list.data, list.length);
    rl_attempted_completion_over = !files;
    rl_completion_append_character = '\0';
    hana_text_clear(&list);
    return all;
}

static void set_up(void)
{
    static int ready;
    if (ready) return;
    ready = 1;
    rl_readline_name = "hana";
    rl_catch_signals = 0;
    rl_attempted_completion_function = complete;
    rl_basic_word_break_characters = " \t\n\"'`><=;,+-*/%^~#&|{}()[]";
    rl_completer_quote_characters = "";
    rl_basic_quote_characters = ""; /* else it closes the quote behind a column */
    history_write_timestamps = 1;
    history_multiline_entries = 1;
    history_comment_char = '#';
    using_history();
    rl_initialize();
}

static hana_line read_line(hana_text *out, const char *prompt,
                           hana_complete_fn *complete_fn, void *context)
{
    set_up();
    completer = complete_fn;
    completer_context = context;
    entered = NULL;
    done = 0;
    interrupted = 0;

    /* Ctrl-C is let in only while waiting, so that it never comes between test and wait.
     */
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    sigset_t waiting = before;
    sigdelset(&waiting, SIGINT);
    struct sigaction action = { .sa_handler = on_interrupt }, previous;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &previous);

    rl_callback_handler_install(prompt, on_line);
    while (!done && !interrupted) {
        fd_set input;
        FD_ZERO(&input);
        FD_SET(STDIN_FILENO, &input);
        int n = pselect(STDIN_FILENO + 1, &input, NULL, NULL, NULL, &waiting);
        if (n > 0)
            rl_callback_read_char();
        else if (n < 0 && errno != EINTR)
            break;
        else if (n < 0)
            rl_check_signals();
    }
    if (!done) {
        if (interrupted) fputs("^C\n", stdout);
        fflush(stdout);
        rl_free_line_state();
        rl_callback_sigcleanup();
        rl_callback_handler_remove();
    }
    sigaction(SIGINT, &previous, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);

    if (interrupted && !done) return HANA_LINE_INTERRUPTED;
    if (!entered) return HANA_LINE_END;
    hana_text_puts(out, entered);
    free(entered);
    return HANA_LINE_READ;
}

static void history_append(const char *entry)
{
    HIST_ENTRY *last =
        history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (!last || strcmp(last->line, entry) != 0) add_history(entry);
}

enum { HISTORY_KEPT = 10000 };

static void history_load(const char *path)
{
    set_up();
    read_history(path);
}

static hana_status history_save(const char *path, hana_error *err)
{
    stifle_history(HISTORY_KEPT);
    mode_t mask = umask(077);
    int failure = write_history(path);
    umask(mask);
    if (failure) return hana_fail(err, HANA_IO_FAILED, "%s: %s", path, strerror(failure));
    return HANA_OK;
}

extern HANA_API const hana_line_editor hana_plugin;
const hana_line_editor hana_plugin = {
    .read = read_line,
    .history_add = history_append,
    .history_load = history_load,
    .history_save = history_save,
};
