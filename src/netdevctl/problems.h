/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Diagnostics as they are shown: one line each, or JSON. */

#include "base/diag.h"
#include "ctl.h"

/* What a diagnostic counts as for whoever asks whether the files are good: a warning that costs a line,
 * which the daemon bears, is an error. */
Severity problem_severity(const Diagnostic *d);

/* Prints those of this severity or worse, on a terminal with the lines they are about. */
void problems_print(FILE *f, const Diagnostics *diag, Severity least);

/* Prints all on standard output. Returns 0 or -ENOMEM. */
int problems_print_json(const Diagnostics *diag, JsonMode mode);
