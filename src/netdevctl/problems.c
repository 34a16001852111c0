/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* "PATH:LINE: error: [Section] Key=: text; hint", as compilers say it, so that editors find the place. All
 * strings of a diagnostic are escaped already. */

#include "problems.h"

#include <string.h>

#include "json.h"
#include "source-line.h"

Severity problem_severity(const Diagnostic *d) {
        return d->severity == SEVERITY_WARNING && !d->advice ? SEVERITY_ERROR : d->severity;
}

/* Of the current directory. */
static const char *short_path(const char *path) {
        return path && strncmp(path, "./", 2) == 0 && path[2] ? path + 2 : path;
}

/* A text that begins with the key, as the log needs it, would say it twice here. */
static const char *short_text(const Diagnostic *d) {
        size_t n = d->key ? strlen(d->key) : 0;

        return n > 0 && strncmp(d->text, d->key, n) == 0 && strncmp(d->text + n, "= ", 2) == 0
                               ? d->text + n + 2
                               : d->text;
}

static const char *severity_color(Severity s) {
        switch (s) {
        case SEVERITY_ERROR: return "\033[0;1;31m";
        case SEVERITY_WARNING: return "\033[0;1;35m";
        case SEVERITY_NOTICE: return "\033[0;1;36m";
        case _SEVERITY_MAX:
        case _SEVERITY_INVALID: break;
        }
        return "";
}

static void print_one(FILE *f, const Diagnostic *d, bool fancy) {
        Severity s = problem_severity(d);

        fputs(fancy ? "\033[0;1m" : "", f);
        if (d->path)
                fprintf(f, "%s:", short_path(d->path));
        if (d->path && d->line > 0)
                fprintf(f, "%u:", d->line);
        fprintf(f, "%s%s%s:%s ", d->path ? " " : "", fancy ? severity_color(s) : "", severity_to_string(s),
                fancy ? "\033[0m" : "");
        if (d->section)
                fprintf(f, "[%s]%s", d->section, d->key ? " " : ": ");
        if (d->key)
                fprintf(f, "%s=: ", d->key);
        fprintf(f, "%s%s%s\n", short_text(d), d->hint ? "; " : "", d->hint ?: "");

        if (fancy)
                source_line_print(f, d, true);
}

static struct json_object *to_json(const Diagnostic *d) {
        struct json_object *o = json_object_new_object();

        if (!o)
                return NULL;
        json_add_string(o, "path", short_path(d->path));
        (void) json_object_object_add(o, "line", json_object_new_int64(d->line));
        json_add_string(o, "section", d->section);
        json_add_string(o, "key", d->key);
        json_add_string(o, "severity", severity_to_string(problem_severity(d)));
        json_add_string(o, "text", d->text);
        json_add_string(o, "hint", d->hint);
        return o;
}

static void note_dropped(const Diagnostics *diag) {
        if (diag->dropped > 0)
                ctl_note("%zu more problems are not listed", diag->dropped);
}

void problems_print(FILE *f, const Diagnostics *diag, Severity least) {
        for (size_t i = 0; i < diag->n; i++)
                if (problem_severity(diag->items + i) <= least)
                        print_one(f, diag->items + i, ctl_is_fancy(fileno(f)));
        note_dropped(diag);
}

int problems_print_json(const Diagnostics *diag, JsonMode mode) {
        _cleanup_(json_object_putp) struct json_object *list = json_object_new_array();

        for (size_t i = 0; list && i < diag->n; i++)
                if (json_object_array_add(list, to_json(diag->items + i)) < 0)
                        return -ENOMEM;
        note_dropped(diag);
        return json_print(TAKE_PTR(list), mode);
}
