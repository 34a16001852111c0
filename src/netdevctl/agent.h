/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Asks for the password that polkit may want, on this terminal: pkttyagent, as systemctl has it. */

#include <sys/types.h>

/* Started where standard input is a terminal, and we are not root, who is never asked. Returns its process
 * once it is ready, or 0 when there is none. */
pid_t agent_start(void);
void agent_stop(pid_t pid);
