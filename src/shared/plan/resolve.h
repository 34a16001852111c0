/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* User and group names to ids, by the machine's name service. */

#include "want.h"

typedef struct ResolveCache ResolveCache;

/* A resolver that asks each name once; a thousand devices often have one owner. Free it after use. */
int resolver_new(Resolver *ret, ResolveCache **ret_cache);
ResolveCache *resolver_free(ResolveCache *c);
DEFINE_CLEANUP(ResolveCache *, resolver_free);
