/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What to do: desired minus actual, given what we own. A plan is a list of operations, sorted by device and
 * then by stage; each prints as one line. An empty plan means: the device is as its files say. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/string-table.h"
#include "kernel/snapshot.h"
#include "owned.h"
#include "want.h"

/* In the order they are done; no sentinels, so that a switch names them all. */
typedef enum PlanOpType {
        /* Findings: nothing to execute. */
        PLAN_ERROR,    /* the files ask for what cannot be */
        PLAN_CONFLICT, /* something else is in the way, and only the administrator can decide */
        PLAN_WAIT,     /* goes on by itself once the program behind the device lets go */
        /* Stage: create. */
        PLAN_DELETE,
        PLAN_CREATE,
        PLAN_RENAME,
        /* Stage: queue. These need a queue of the device. */
        PLAN_SET_PERSIST,
        PLAN_SET_FLAGS, /* PI and VNET_HDR, which only an idle device takes */
        PLAN_SET_OWNER,
        PLAN_SET_GROUP,
        PLAN_HOLD,
        PLAN_RELEASE,
        PLAN_RAISE_CARRIER,
        PLAN_SET_VNET_HEADER_BYTES,
        /* Stage: link. */
        PLAN_SET, /* one Setting */
        PLAN_REMOVE_VLANS,
        PLAN_ADD_VLANS,
        /* Stage: up. */
        PLAN_SET_UP,
        PLAN_SET_DOWN,
        PLAN_REMOVE_ADDRESS,
        PLAN_ADD_ADDRESS,
        PLAN_CHANGE_ADDRESS,
        /* Stage: routes. */
        PLAN_REMOVE_RULE,
        PLAN_REMOVE_ROUTE,
        PLAN_REMOVE_NEXTHOP,
        PLAN_REMOVE_NEIGHBOR,
        PLAN_ADD_NEIGHBOR,
        PLAN_ADD_NEXTHOP,
        PLAN_ADD_ROUTE,
        PLAN_ADD_RULE,
} PlanOpType;

#define PLAN_OP_TYPES (PLAN_ADD_RULE + 1)

/* What comes and goes, and is waited for also later: following it is no repair of drift. */
typedef enum PlanAwaits {
        PLAN_AWAITS_NOTHING,
        PLAN_AWAITS_BRIDGE,
        PLAN_AWAITS_VRF,
        PLAN_AWAITS_CARRIER,   /* ConfigureWithoutCarrier=no, IgnoreCarrierLoss= */
        PLAN_AWAITS_NEXTHOP,   /* carrier for one, or one that a route or group uses */
        PLAN_AWAITS_LINK,      /* of a hop of a route */
        PLAN_AWAITS_DETECTION, /* of duplicates of PreferredSource= */
} PlanAwaits;

#define PLAN_AWAITS_KINDS (PLAN_AWAITS_DETECTION + 1)

/* Stages are acknowledged one after the other; within one, many devices share a batch (design D16). */
typedef enum PlanStage {
        PLAN_STAGE_NONE,
        PLAN_STAGE_CREATE,
        PLAN_STAGE_QUEUE,
        PLAN_STAGE_LINK,
        PLAN_STAGE_SYSCTL, /* files, not messages */
        PLAN_STAGE_UP,     /* and addresses */
        PLAN_STAGE_ROUTES, /* and nexthops, rules, neighbours */
        _PLAN_STAGE_MAX,
} PlanStage;

typedef struct PlanOp {
        PlanOpType type;
        bool destructive;
        bool revert;      /* puts back what was there before us */
        const Want *want; /* borrowed; the device is want->name */
        int ifindex;      /* 0: the device is made by an earlier operation */
        bool hold;        /* create: keep the queue; set-flags: one is held and must be given up first */

        bool beside_program; /* raise-carrier: whoever put it off is still there */

        Setting setting; /* set */
        uint64_t value;  /* set, set-vnet-header-bytes */
        bool has_before; /* set: the value that is there now is known, and it is */
        uint64_t before;

        uint16_t vlan_first, vlan_last; /* add and remove VLANs */
        bool pvid, untagged;

        Address address; /* add, change and remove address */
        Route *route;    /* add and remove route; these four are owned */
        NextHop *nexthop;
        Rule *rule;
        Neighbor *neighbor;

        char *text;                /* findings: the explanation; owned */
        PlanAwaits awaits;         /* findings: what ends it */
        char other_name[IFNAMSIZ]; /* rename: as it is called now; set-master: what it is put back into */
        const Source *source;      /* who wants it; borrowed, may be NULL */
} PlanOp;

typedef struct Plan {
        PlanOp *ops;
        size_t n;
} Plan;

typedef struct PlanOptions {
        bool may_hold; /* whoever executes stays alive and can keep queues; without, KeepCarrier= is no
                          operation */
        bool recreate; /* what needs the device destroyed is done, as Recreate=yes */
} PlanOptions;

/* Appends what is to be done for one device, or for all in order. Pure: no system call, no clock, no log.
 * Returns 0 or -ENOMEM. */
int plan_device(const Want *want, const Wants *wants, const Snapshot *snapshot, const Owned *owned,
                PlanOptions options, Plan *plan);
int plan_compute(const Wants *wants, const Snapshot *snapshot, const Owned *owned, PlanOptions options,
                 Plan *plan);

/* What belongs to no link: rules, nexthops and routes of ours without a device that no file wants any more.
 * The operations' want is plan_machine_want, whose name is "-". */
int plan_machine(const Wants *wants, const Snapshot *snapshot, Plan *plan);
extern const Want plan_machine_want;

/* Whether the file asks for addresses and what is built on them only with carrier. */
bool plan_awaits_carrier(const NetworkConfig *n);

/* A deep copy, and freeing what one owns. */
int plan_op_copy(const PlanOp *op, PlanOp *ret);
void plan_op_done(PlanOp *op);

void plan_done(Plan *plan);

/* Whether the link is the wanted device's: by name, or, renamed by hand, by the ifindex we recorded. NULL:
 * none. */
const Link *plan_find_link(const Want *want, const Snapshot *snapshot, const Owned *owned);

/* Queues of programs: all the kernel counts less the one we hold. For a single-queue device, which is not
 * counted, the carrier says it while we hold none. */
unsigned link_consumers(const Link *link, bool held);

PlanStage plan_op_stage(const PlanOp *op);
bool plan_op_is_finding(PlanOpType type);

/* "create", "set-owner", "set-mtu"…; buffer needs PLAN_OP_NAME_MAX bytes and may be what is returned. */
#define PLAN_OP_NAME_MAX 48
const char *plan_op_name(const PlanOp *op, char *buffer);
/* What follows the name in the line: "multi-queue tun, owner 1000 (/etc/…:5)". Newly allocated, NULL when
 * out of memory. */
char *plan_op_detail(const PlanOp *op);
/* The same without the place it was asked for at. */
char *plan_op_object(const PlanOp *op);
/* The whole plan, "DEVICE OPERATION DETAIL\n" each; newly allocated, "" when empty, NULL when out of memory.
 */
char *plan_format(const Plan *plan);
