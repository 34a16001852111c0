/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The conditions of [Match]: Host, Virtualization, KernelCommandLine, KernelVersion, Credential,
 * Architecture, Firmware (systemd.unit(5) has their grammar). Pure but for credentials and SMBIOS fields,
 * which are files. */

#include <errno.h>

#include "base/diag.h"
#include "base/string-table.h"
#include "host.h"

typedef enum ConditionType {
        CONDITION_HOST,
        CONDITION_VIRTUALIZATION,
        CONDITION_KERNEL_COMMAND_LINE,
        CONDITION_KERNEL_VERSION,
        CONDITION_CREDENTIAL,
        CONDITION_ARCHITECTURE,
        CONDITION_FIRMWARE,
        _CONDITION_TYPE_MAX,
        _CONDITION_TYPE_INVALID = -EINVAL,
} ConditionType;

/* The words are the keys: "Host"… */
DECLARE_STRING_TABLE(condition_type, ConditionType);

/* One value a type, the last one written; a leading "!" negates. */
typedef struct Condition {
        char *value; /* NULL: not given */
        Source source;
} Condition;

typedef struct Conditions {
        Condition items[_CONDITION_TYPE_MAX];
} Conditions;

void conditions_done(Conditions *c);

/* Sets or, when the value is empty, resets. Says with a warning when the value can never hold (an unknown
 * architecture, a malformed version). Returns 0 or -ENOMEM. */
int conditions_set(Conditions *c, ConditionType type, const char *value, const Source *source,
                   Diagnostics *diag);

/* Whether there is any. */
bool conditions_are_given(const Conditions *c);

/* Whether all hold; if not, *ret (may be NULL) is the first that does not. */
bool conditions_hold(const Conditions *c, const Host *host, const Condition **ret);
