/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A loader says "no valid Kind= in [NetDev]" when it has read the whole file, and knows no line for it. The
 * files are read again here, only those of which such a thing is said. */

#include "verify-tidy.h"

#include <stdbool.h>
#include <string.h>

#include "config/ini.h"
#include "source-line.h"

static bool equal(const char *a, const char *b) {
        return a && b && strcmp(a, b) == 0;
}

static bool is_of_whole_file(const Diagnostic *d) {
        return d->path && d->line == 0 && d->section;
}

/* Whether "did you mean 'Match'?" is about this section. */
static bool means_section(const Diagnostic *d, const char *section) {
        const char *found = d->hint && !d->key ? strstr(d->hint, section) : NULL;

        return found && found > d->hint && found[-1] == '\'' && found[strlen(section)] == '\'';
}

/* Whether line explains what is said of the whole file: the same key refused, or its section mistyped. */
static bool explains(const Diagnostic *line, const Diagnostic *whole) {
        if (line->line == 0 || !equal(line->path, whole->path))
                return false;
        if (means_section(line, whole->section))
                return true;
        return equal(line->section, whole->section) &&
               (whole->key ? equal(line->key, whole->key) : !!line->key);
}

static bool is_explained(const Diagnostics *diag, const Diagnostic *whole) {
        for (size_t i = 0; i < diag->n; i++)
                if (explains(diag->items + i, whole))
                        return true;
        return false;
}

static bool ends_in_backslash(const char *line) {
        size_t n = strlen(line);

        return n > 0 && line[n - 1] == '\\';
}

static bool assigns(const char *line, const char *key) {
        line += strspn(line, " \t");
        if (strncmp(line, key, strlen(key)) != 0)
                return false;
        line += strlen(key);
        return line[strspn(line, " \t")] == '=';
}

/* A line that is there for everybody to see, but belongs to the one before. Returns the number of that, or
 * 0. */
static unsigned find_swallowed(const char *path, const char *key) {
        _cleanup_(freep) char *before = NULL;

        for (unsigned i = 1;; i++) {
                char *line = NULL;

                if (source_line_read(path, i, &line) < 0)
                        return 0;
                if (before && ends_in_backslash(before) && assigns(line, key)) {
                        free(line);
                        return i - 1;
                }
                free(before);
                before = line;
        }
}

/* Only small files are searched so: each line is found from the beginning. */
static bool is_small(const IniFile *ini) {
        return ini->n_assignments + ini->n_sections < 1000;
}

static void locate_swallowed(Diagnostic *d, const IniFile *ini) {
        unsigned line = d->key && is_small(ini) ? find_swallowed(d->path, d->key) : 0;
        char *hint;

        if (line == 0 ||
            asprintf(&hint, "remove the backslash at the end of line %u, which makes line %u a part of it",
                     line, line + 1) < 0)
                return;
        free(d->hint);
        d->hint = hint;
        d->line = line;
}

static void locate(Diagnostic *d) {
        _cleanup_(diag_done) Diagnostics ignored = {};
        _cleanup_(ini_freep) IniFile *ini = NULL;

        if (ini_read(d->path, &ignored, &ini) < 0)
                return;
        for (size_t i = 0; i < ini->n_sections && d->line == 0; i++)
                if (strcmp(ini->sections[i].name, d->section) == 0)
                        d->line = ini->sections[i].line;
        locate_swallowed(d, ini);
}

void verify_tidy(Diagnostics *diag) {
        _cleanup_(freep) bool *explained = calloc(diag->n + 1, sizeof(bool));
        Diagnostics kept = {}, rest = {};

        if (!explained)
                return; /* it stays untidy */

        for (size_t i = 0; i < diag->n; i++)
                explained[i] = is_of_whole_file(diag->items + i) && is_explained(diag, diag->items + i);
        for (size_t i = 0; i < diag->n; i++) {
                if (!explained[i] && is_of_whole_file(diag->items + i))
                        locate(diag->items + i);
                diag_move_one(explained[i] ? &rest : &kept, diag->items + i);
        }

        kept.dropped += diag->dropped;
        diag->n = 0;
        diag_done(diag);
        *diag = kept;
        diag_done(&rest);
}
