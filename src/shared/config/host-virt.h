/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What kind of machine this is: a container, a virtual machine, or neither. Internal to config/. */

/* systemd's word: "docker", "lxc"…; NULL when this is no container. Static. */
const char *virtualization_container(void);

/* systemd's word: "kvm", "qemu"…; NULL when this is no virtual machine. Static. */
const char *virtualization_machine(void);

/* All the words that either may return, NULL-terminated. */
extern const char *const virtualization_words[];
