/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Who may have something changed: root, whom polkit allows, and for queues also whom the kernel would let
 * attach. The caller is who the bus says it is (GetConnectionCredentials); never who /proc says, where a
 * user namespace fakes what it likes. */

#include "manager.h"

/* What is asked for: one polkit action each, see conf/org.netdevd1.policy. */
typedef enum BusAction {
        BUS_ACTION_RELOAD,
        BUS_ACTION_RECONFIGURE,
        BUS_ACTION_SET_LINK,
        BUS_ACTION_DELETE,
        BUS_ACTION_OPEN_QUEUES,
        _BUS_ACTION_MAX,
} BusAction;

typedef struct Caller {
        uint32_t uid;
        uint32_t pid; /* 0: the bus does not say */
        uint32_t *gids;
        size_t n_gids;
} Caller;

/* A call that may be answered later. The device may be gone by then: it is looked up by its name again. */
typedef struct Request {
        Manager *manager;
        sd_bus_message *call;
        BusAction action;
        char *device; /* NULL: the call is about no single device */
        int (*run)(struct Request *q);
        Caller caller;
        struct Request *prev, *next; /* those that wait for polkit */
        sd_bus_slot *slot;           /* of the question, which owns this; NULL before */
} Request;

/* Does what was asked for, or answers the call with an error; a negative errno is answered too. */
typedef int (*RequestFunction)(Request *q);

/* Has `run` called once the caller is known to be allowed to; anyone else is answered with NotPermitted.
 * Asynchronous: netdevd waits for nobody. device may be NULL. To be returned from the method's handler. */
int bus_authorize(Manager *m, sd_bus_message *call, BusAction action, const char *device,
                  RequestFunction run);

/* Those that wait for polkit end without an answer. */
void bus_drop_requests(Manager *m);

/* Whether the kernel's own rule would let the caller attach a queue: its owner and its group, where it has
 * both both must fit (reference: tun_not_capable() in drivers/net/tun.c). A device with neither is for those
 * only whom its file lets in (AllowAnyUser=). */
bool caller_may_attach(const Caller *caller, const Link *link, const Want *want);

/* bus-polkit.c: asks polkit, which may ask the user, and then calls request_granted() or request_refused().
 */
int polkit_ask(Request *q, sd_bus_slot **ret_slot);
const char *bus_action_id(BusAction action);
/* "reload netdevd", for messages. */
const char *bus_action_text(BusAction action);

void request_granted(Request *q);
void request_refused(Request *q, const char *why);
