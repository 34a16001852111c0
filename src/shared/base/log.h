/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The log: to the journal with fields when standard error is the journal, else plain lines with their
 * priority. The library logs nothing above debug; whoever knows the device logs once and returns in that
 * line. */

#include <syslog.h>

#include "cleanup.h"
#include "diag.h"

/* What a message is about; all fields may be unset. */
typedef struct LogContext {
        const char *interface;  /* INTERFACE= */
        const char *file;       /* CONFIG_FILE= */
        unsigned line;          /* CONFIG_LINE= */
        const char *message_id; /* MESSAGE_ID=, 32 hex digits; messages.h has them all */
} LogContext;

/* Chooses the target from $JOURNAL_STREAM and standard error. Called once at start. */
void log_open(void);

void log_set_max_level(int level);
int log_get_max_level(void);

/* "debug", "info", "notice", "warning", "err"… or 0..7 -> LOG_*; -EINVAL. */
int log_level_from_string(const char *s);

/* Writes one message. error is 0 or an errno (either sign) that %m names. Returns -error, so that a caller
 * can `return log_full(...)`. */
int log_full(int level, int error, const LogContext *context, const char *format, ...) _printf_(4, 5);

#define log_debug(...)                ((void) log_full(LOG_DEBUG, 0, NULL, __VA_ARGS__))
#define log_info(...)                 ((void) log_full(LOG_INFO, 0, NULL, __VA_ARGS__))
#define log_notice(...)               ((void) log_full(LOG_NOTICE, 0, NULL, __VA_ARGS__))
#define log_warning(...)              ((void) log_full(LOG_WARNING, 0, NULL, __VA_ARGS__))
#define log_error(...)                ((void) log_full(LOG_ERR, 0, NULL, __VA_ARGS__))
#define log_error_errno(error, ...)   log_full(LOG_ERR, (error), NULL, __VA_ARGS__)
#define log_warning_errno(error, ...) log_full(LOG_WARNING, (error), NULL, __VA_ARGS__)
#define log_debug_errno(error, ...)   log_full(LOG_DEBUG, (error), NULL, __VA_ARGS__)
#define log_oom()                     log_error_errno(-ENOMEM, "Out of memory")

/* A diagnostic, with its file, line and key. */
void log_diagnostic(const Diagnostic *d);
