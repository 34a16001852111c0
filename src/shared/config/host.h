/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What conditions are tested against: this machine, as plain data. */

#include <stdbool.h>

#include "base/cleanup.h"

typedef struct Host {
        char *hostname;
        char *machine_id;          /* 32 hex digits, or NULL */
        char *kernel_release;      /* uname -r */
        char *kernel_command_line; /* of PID 1 in a container */
        char *architecture;        /* systemd's word: "x86-64" */
        char *virtualization;      /* systemd's word: "kvm", "lxc"…; "none" */
        bool virtualization_is_container;
        bool private_users; /* in a user namespace */
        bool uefi;
        char *device_tree_compatible; /* words separated by NUL are newlines here; NULL: no device tree */
        char *smbios_dir;             /* "/sys/class/dmi/id", fields are files in it */
        char **credential_dirs;
} Host;

/* Reads all of it; what cannot be read stays NULL. Returns 0 or -ENOMEM. */
int host_read(Host **ret);
Host *host_free(Host *h);
DEFINE_CLEANUP(Host *, host_free);
