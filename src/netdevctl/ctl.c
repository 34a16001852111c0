/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What netdevctl says of itself, beside what a verb prints. */

#include "ctl.h"

#include <stdarg.h>
#include <string.h>

#include "base/escape.h"
#include "config/values.h"

#define TEXT_MAX 4096

static _printf_(1, 0) char *format_text(const char *format, va_list ap) {
        _cleanup_(freep) char *text = NULL;

        if (vasprintf(&text, format, ap) < 0)
                return NULL;
        return text_escape(text, TEXT_MAX);
}

int ctl_error(int error, const char *format, ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = format_text(format, ap);
        va_end(ap);

        fflush(stdout);
        if (error != 0)
                fprintf(stderr, "netdevctl: %s: %s\n", text ?: format, strerror(error < 0 ? -error : error));
        else
                fprintf(stderr, "netdevctl: %s\n", text ?: format);
        return CTL_FAILED;
}

void ctl_note(const char *format, ...) {
        _cleanup_(freep) char *text = NULL;
        va_list ap;

        va_start(ap, format);
        text = format_text(format, ap);
        va_end(ap);

        fflush(stdout);
        fprintf(stderr, "%s\n", text ?: format);
}

bool ctl_is_fancy(int fd) {
        const char *e = getenv("NETDEVD_COLORS"), *term = getenv("TERM"), *no = getenv("NO_COLOR");
        bool b;

        if (e && parse_boolean(e, &b) >= 0)
                return b;
        if (no && *no)
                return false;
        return isatty(fd) && term && strcmp(term, "dumb") != 0;
}
