/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Two targets: the journal (sd_journal_sendv, one field each) and standard error (one plain line each). The
 * only mutable statics of the program are here. */

#include "log.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "escape.h"
#include "messages.h"

static bool to_journal;
static int max_level = LOG_INFO;

static const char *const level_names[] = {
        "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
};

/* $JOURNAL_STREAM names the device and inode of the stream the service manager gave us (systemd.exec(5)). It
 * is inherited, so it counts only if standard error still is that stream. */
static bool stderr_is_journal(void) {
        const char *e = getenv("JOURNAL_STREAM");
        unsigned long long dev, ino;
        struct stat st;

        return e && sscanf(e, "%llu:%llu", &dev, &ino) == 2 && fstat(STDERR_FILENO, &st) >= 0 &&
               st.st_dev == dev && st.st_ino == ino;
}

void log_open(void) {
        to_journal = stderr_is_journal();
}

void log_set_max_level(int level) {
        max_level = level;
}

int log_get_max_level(void) {
        return max_level;
}

int log_level_from_string(const char *s) {
        if (strlen(s) == 1 && s[0] >= '0' && s[0] <= '7')
                return s[0] - '0';
        if (strcmp(s, "error") == 0)
                return LOG_ERR;
        for (int i = 0; i <= LOG_DEBUG; i++)
                if (strcmp(s, level_names[i]) == 0)
                        return i;
        return -EINVAL;
}

static void add_field(struct iovec *iov, int *n, char *field) {
        if (field)
                iov[(*n)++] = (struct iovec){ field, strlen(field) };
}

static _printf_(1, 2) char *field(const char *format, ...) {
        va_list ap;
        char *s;

        va_start(ap, format);
        if (vasprintf(&s, format, ap) < 0)
                s = NULL;
        va_end(ap);
        return s;
}

static void write_journal(int level, int error, const LogContext *c, const char *text) {
        struct iovec iov[8];
        int n = 0;

        add_field(iov, &n, field("MESSAGE=%s%s%s", c->interface ?: "", c->interface ? ": " : "", text));
        add_field(iov, &n, field("PRIORITY=%d", level));
        add_field(iov, &n, field("SYSLOG_IDENTIFIER=netdevd"));
        add_field(iov, &n, error ? field("ERRNO=%d", error) : NULL);
        add_field(iov, &n, c->interface ? field("INTERFACE=%s", c->interface) : NULL);
        add_field(iov, &n, c->file ? field("CONFIG_FILE=%s", c->file) : NULL);
        add_field(iov, &n, c->file && c->line ? field("CONFIG_LINE=%u", c->line) : NULL);
        add_field(iov, &n, c->message_id ? field("MESSAGE_ID=%s", c->message_id) : NULL);

        (void) sd_journal_sendv(iov, n);

        for (int i = 0; i < n; i++)
                free(iov[i].iov_base);
}

static void write_terminal(int level, const LogContext *c, const char *text) {
        /* One write, so that lines of several writers do not mix. */
        _cleanup_(freep) char *line = field("%s: %s%s%s\n", level_names[level], c->interface ?: "",
                                            c->interface ? ": " : "", text);

        if (line)
                (void) !write(STDERR_FILENO, line, strlen(line));
}

int log_full(int level, int error, const LogContext *context, const char *format, ...) {
        _cleanup_(freep) char *text = NULL, *interface = NULL;
        LogContext c = context ? *context : (LogContext){};
        int saved = errno, n;
        va_list ap;

        assert(level >= 0 && level <= LOG_DEBUG);
        error = abs(error);

        if (level > max_level)
                return -error;

        va_start(ap, format);
        errno = error; /* for %m */
        n = vasprintf(&text, format, ap);
        va_end(ap);
        if (n < 0)
                text = NULL;

        /* Names of links may be any bytes. */
        if (c.interface) {
                interface = text_escape(c.interface, NAME_MAX);
                c.interface = interface;
        }

        if (to_journal)
                write_journal(level, error, &c, text ?: "(out of memory)");
        else
                write_terminal(level, &c, text ?: "(out of memory)");

        errno = saved;
        return -error;
}

void log_diagnostic(const Diagnostic *d) {
        static const int levels[_SEVERITY_MAX] = {
                [SEVERITY_ERROR] = LOG_ERR,
                [SEVERITY_WARNING] = LOG_WARNING,
                [SEVERITY_NOTICE] = LOG_NOTICE,
        };
        _cleanup_(freep) char *message = diag_message(d);
        LogContext c = { .file = d->path, .line = d->line, .message_id = MESSAGE_INVALID_CONFIGURATION };

        if (!d->path)
                (void) log_full(levels[d->severity], 0, &c, "%s", message ?: d->text);
        else if (d->line == 0)
                (void) log_full(levels[d->severity], 0, &c, "%s: %s", d->path, message ?: d->text);
        else
                (void) log_full(levels[d->severity], 0, &c, "%s:%u: %s", d->path, d->line,
                                message ?: d->text);
}
