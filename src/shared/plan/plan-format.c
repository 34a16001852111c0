/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plan as text: the debug log, the bus and the golden tests print the same lines. */

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "plan.h"

const char *plan_op_name(PlanOpType type) {
        switch (type) {
        case PLAN_ERROR: return "error";
        case PLAN_CONFLICT: return "conflict";
        case PLAN_WAIT: return "wait";
        case PLAN_DELETE: return "delete";
        case PLAN_CREATE: return "create";
        case PLAN_RENAME: return "rename";
        case PLAN_SET_FLAGS: return "set-flags";
        case PLAN_SET_OWNER: return "set-owner";
        case PLAN_SET_GROUP: return "set-group";
        case PLAN_SET_PERSIST: return "set-persist";
        case PLAN_HOLD: return "hold";
        case PLAN_RELEASE: return "release";
        case PLAN_RAISE_CARRIER: return "raise-carrier";
        case PLAN_SET_MTU: return "set-mtu";
        case PLAN_SET_MAC: return "set-mac";
        case PLAN_SET_UP: return "set-up";
        case PLAN_REMOVE_ADDRESS: return "remove-address";
        case PLAN_ADD_ADDRESS: return "add-address";
        }
        return NULL;
}

PlanStage plan_op_stage(PlanOpType type) {
        switch (type) {
        case PLAN_ERROR:
        case PLAN_CONFLICT:
        case PLAN_WAIT: return PLAN_STAGE_NONE;
        case PLAN_DELETE:
        case PLAN_CREATE:
        case PLAN_RENAME: return PLAN_STAGE_CREATE;
        case PLAN_SET_FLAGS:
        case PLAN_SET_OWNER:
        case PLAN_SET_GROUP:
        case PLAN_SET_PERSIST:
        case PLAN_HOLD:
        case PLAN_RELEASE:
        case PLAN_RAISE_CARRIER: return PLAN_STAGE_QUEUE;
        case PLAN_SET_MTU:
        case PLAN_SET_MAC: return PLAN_STAGE_LINK;
        case PLAN_SET_UP:
        case PLAN_REMOVE_ADDRESS:
        case PLAN_ADD_ADDRESS: return PLAN_STAGE_UP;
        }
        return PLAN_STAGE_NONE;
}

static const char *yes_no(bool b) {
        return b ? "yes" : "no";
}

static void print_id(FILE *f, const char *what, int64_t id) {
        if (id < 0)
                fprintf(f, "%s none", what);
        else
                fprintf(f, "%s %" PRIi64, what, id);
}

static void print_create(FILE *f, const PlanOp *op) {
        const DeviceConfig *d = op->want->device;

        fprintf(f, "%s-queue %s, PacketInfo=%s, VNetHeader=%s, ", d->multi_queue ? "multi" : "single",
                kind_to_string(d->kind), yes_no(d->packet_info), yes_no(d->vnet_header));
        print_id(f, "owner", op->want->owner);
        print_id(f, ", group", op->want->group);
        fprintf(f, ", persistent%s", op->hold ? ", queue held" : "");
}

static void print_address(FILE *f, const Address *a) {
        char buffer[INET6_ADDRSTRLEN];

        fprintf(f, "%s/%u", inet_ntop(a->family, a->local, buffer, sizeof(buffer)) ?: "?", a->prefixlen);
        if (memcmp(a->peer, a->local, sizeof(a->peer)) != 0)
                fprintf(f, " peer %s", inet_ntop(a->family, a->peer, buffer, sizeof(buffer)) ?: "?");
}

static void print_mac(FILE *f, const HwAddr *mac) {
        for (unsigned i = 0; i < mac->length; i++)
                fprintf(f, "%s%02x", i > 0 ? ":" : "", mac->bytes[i]);
}

static void print_object(FILE *f, const PlanOp *op) {
        switch (op->type) {
        case PLAN_ERROR:
        case PLAN_CONFLICT:
        case PLAN_WAIT: fputs(op->text, f); break;
        case PLAN_DELETE: fputs("half made, and a stranger holds a queue of it", f); break;
        case PLAN_CREATE: print_create(f, op); break;
        case PLAN_RENAME: fprintf(f, "from %s", op->old_name); break;
        case PLAN_SET_FLAGS:
                fprintf(f, "PacketInfo=%s, VNetHeader=%s", yes_no(op->want->device->packet_info),
                        yes_no(op->want->device->vnet_header));
                break;
        case PLAN_SET_OWNER: print_id(f, "uid", op->want->owner); break;
        case PLAN_SET_GROUP: print_id(f, "gid", op->want->group); break;
        case PLAN_SET_PERSIST: fputs("yes", f); break;
        case PLAN_HOLD: fputs("a queue, for the carrier", f); break;
        case PLAN_RELEASE: fputs("the held queue", f); break;
        case PLAN_RAISE_CARRIER: fputs("left off by a program that is gone", f); break;
        case PLAN_SET_MTU: fprintf(f, "%u", op->mtu); break;
        case PLAN_SET_MAC: print_mac(f, &op->want->mac_address); break;
        case PLAN_SET_UP: fputs("yes", f); break;
        case PLAN_REMOVE_ADDRESS:
        case PLAN_ADD_ADDRESS: print_address(f, &op->address); break;
        }

        if (op->destructive)
                fputs(" [destructive]", f);
}

static void print_detail(FILE *f, const PlanOp *op) {
        print_object(f, op);
        if (op->source && op->source->path && op->source->line > 0)
                fprintf(f, " (%s:%u)", op->source->path, op->source->line);
        else if (op->source && op->source->path)
                fprintf(f, " (%s)", op->source->path);
}

static char *print_to_string(const PlanOp *op, void (*print)(FILE *f, const PlanOp *op)) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        print(f, op);
        if (fclose(f) != 0) {
                free(text);
                return NULL;
        }
        return text;
}

char *plan_op_detail(const PlanOp *op) {
        return print_to_string(op, print_detail);
}

char *plan_op_object(const PlanOp *op) {
        return print_to_string(op, print_object);
}

char *plan_format(const Plan *plan) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        if (!f)
                return NULL;
        for (size_t i = 0; i < plan->n; i++) {
                fprintf(f, "%s %s ", plan->ops[i].want->name, plan_op_name(plan->ops[i].type));
                print_detail(f, plan->ops + i);
                fputc('\n', f);
        }
        if (fclose(f) != 0) {
                free(text);
                return NULL;
        }
        return text;
}
