/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What somebody asks for directly, beside what the files want: done at once, one device at a time. What the
 * files say of it afterwards is drift. Each returns 0 or -errno with the kernel's own text, or NULL, in
 * *ret_text (owned by the caller). */

#include "manager.h"

/* Takes the link up or down. Up also brings back what a link loses when it goes down, as its files have it.
 */
int operate_set_up(Manager *m, Device *d, bool up, char **ret_text);

/* Removes the link. A queue of it that is held is given up once it is seen to be gone. */
int operate_delete(Manager *m, Device *d, char **ret_text);
