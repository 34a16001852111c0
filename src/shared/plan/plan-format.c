/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* A plan as text: the debug log, the bus and the golden tests print the same lines. */

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

#include "item-format.h"
#include "plan.h"

static const char *const names[PLAN_OP_TYPES] = {
        [PLAN_ERROR] = "error",
        [PLAN_CONFLICT] = "conflict",
        [PLAN_WAIT] = "wait",
        [PLAN_DELETE] = "delete",
        [PLAN_CREATE] = "create",
        [PLAN_RENAME] = "rename",
        [PLAN_SET_PERSIST] = "set-persist",
        [PLAN_SET_FLAGS] = "set-flags",
        [PLAN_SET_OWNER] = "set-owner",
        [PLAN_SET_GROUP] = "set-group",
        [PLAN_HOLD] = "hold",
        [PLAN_RELEASE] = "release",
        [PLAN_RAISE_CARRIER] = "raise-carrier",
        [PLAN_SET_VNET_HEADER_BYTES] = "set-vnet-header-bytes",
        [PLAN_SET] = "set",
        [PLAN_REMOVE_VLANS] = "remove-vlans",
        [PLAN_ADD_VLANS] = "add-vlans",
        [PLAN_SET_UP] = "set-up",
        [PLAN_SET_DOWN] = "set-down",
        [PLAN_REMOVE_ADDRESS] = "remove-address",
        [PLAN_ADD_ADDRESS] = "add-address",
        [PLAN_CHANGE_ADDRESS] = "change-address",
        [PLAN_REMOVE_RULE] = "remove-rule",
        [PLAN_REMOVE_ROUTE] = "remove-route",
        [PLAN_REMOVE_NEXTHOP] = "remove-nexthop",
        [PLAN_REMOVE_NEIGHBOR] = "remove-neighbor",
        [PLAN_ADD_NEIGHBOR] = "add-neighbor",
        [PLAN_ADD_NEXTHOP] = "add-nexthop",
        [PLAN_ADD_ROUTE] = "add-route",
        [PLAN_ADD_RULE] = "add-rule",
};

const char *plan_op_name(const PlanOp *op, char *buffer) {
        if (op->type != PLAN_SET)
                return names[op->type];

        (void) snprintf(buffer, PLAN_OP_NAME_MAX, "set-%s", setting_to_string(op->setting));
        return buffer;
}

bool plan_op_is_finding(PlanOpType type) {
        return type == PLAN_ERROR || type == PLAN_CONFLICT || type == PLAN_WAIT;
}

PlanStage plan_op_stage(const PlanOp *op) {
        switch (op->type) {
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
        case PLAN_RAISE_CARRIER:
        case PLAN_SET_VNET_HEADER_BYTES: return PLAN_STAGE_QUEUE;
        case PLAN_SET:
                return op->setting >= SETTING_SYSCTL_FIRST && op->setting <= SETTING_IPV6_FORWARD
                                       ? PLAN_STAGE_SYSCTL
                                       : PLAN_STAGE_LINK;
        case PLAN_REMOVE_VLANS:
        case PLAN_ADD_VLANS: return PLAN_STAGE_LINK;
        case PLAN_SET_UP:
        case PLAN_SET_DOWN:
        case PLAN_REMOVE_ADDRESS:
        case PLAN_ADD_ADDRESS:
        case PLAN_CHANGE_ADDRESS: return PLAN_STAGE_UP;
        case PLAN_REMOVE_RULE:
        case PLAN_REMOVE_ROUTE:
        case PLAN_REMOVE_NEXTHOP:
        case PLAN_REMOVE_NEIGHBOR:
        case PLAN_ADD_NEIGHBOR:
        case PLAN_ADD_NEXTHOP:
        case PLAN_ADD_ROUTE:
        case PLAN_ADD_RULE: return PLAN_STAGE_ROUTES;
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

static void print_flags(FILE *f, const PlanOp *op) {
        const DeviceConfig *d = op->want->device;

        fprintf(f, "PacketInfo=%s, VNetHeader=%s", yes_no(d->packet_info), yes_no(d->vnet_header));
        if (d->napi)
                fprintf(f, ", NAPI=yes%s", d->napi_frags ? ", NAPIFrags=yes" : "");
}

static void print_address(FILE *f, const Address *a) {
        char buffer[INET6_ADDRSTRLEN];

        fprintf(f, "%s/%u", inet_ntop(a->family, a->local, buffer, sizeof(buffer)) ?: "?", a->prefixlen);
        if (memcmp(a->peer, a->local, sizeof(a->peer)) != 0)
                fprintf(f, " peer %s", inet_ntop(a->family, a->peer, buffer, sizeof(buffer)) ?: "?");
}

/* What is said of a device that is destroyed. */
static const char *why_deleted(const PlanOp *op) {
        if (op->want->remove)
                return "made by netdevd, and no file declares it any more";
        return op->source ? "what is wanted needs it to be made anew; the program behind it loses it"
                          : "half made, and a stranger holds a queue of it";
}

static void print_vlans(FILE *f, const PlanOp *op) {
        fprintf(f, "%u", op->vlan_first);
        if (op->vlan_last != op->vlan_first)
                fprintf(f, "-%u", op->vlan_last);
        if (op->type == PLAN_ADD_VLANS)
                fprintf(f, "%s%s", op->pvid ? " pvid" : "", op->untagged ? " untagged" : "");
}

static void print_address_op(FILE *f, const PlanOp *op) {
        const Address *a = &op->address;

        print_address(f, a);
        if (op->type == PLAN_REMOVE_ADDRESS)
                return;
        if (a->label[0])
                fprintf(f, " label %s", a->label);
        if (a->metric > 0)
                fprintf(f, " metric %u", a->metric);
        if (a->preferred != ADDRESS_FOREVER)
                fprintf(f, " preferred %u s", a->preferred);
}

static void print_finding_or_queue(FILE *f, const PlanOp *op) {
        switch (op->type) {
        case PLAN_ERROR:
        case PLAN_CONFLICT:
        case PLAN_WAIT: fputs(op->text, f); break;
        case PLAN_DELETE: fputs(why_deleted(op), f); break;
        case PLAN_CREATE: print_create(f, op); break;
        case PLAN_RENAME: fprintf(f, "from %s", op->other_name); break;
        case PLAN_SET_FLAGS: print_flags(f, op); break;
        case PLAN_SET_OWNER: print_id(f, "uid", op->want->owner); break;
        case PLAN_SET_GROUP: print_id(f, "gid", op->want->group); break;
        case PLAN_SET_PERSIST: fputs("yes", f); break;
        case PLAN_HOLD: fputs("a queue, for the carrier", f); break;
        case PLAN_RELEASE: fputs("the held queue", f); break;
        case PLAN_RAISE_CARRIER:
                fputs(op->beside_program ? "put off by a program" : "left off by a program that is gone", f);
                break;
        case PLAN_SET_VNET_HEADER_BYTES: fprintf(f, "%" PRIu64, op->value); break;
        default: break;
        }
}

static void print_object(FILE *f, const PlanOp *op) {
        switch (op->type) {
        case PLAN_SET:
                setting_print(f, op->setting, op->value,
                              op->other_name[0] ? op->other_name : op->want->master);
                break;
        case PLAN_REMOVE_VLANS:
        case PLAN_ADD_VLANS: print_vlans(f, op); break;
        case PLAN_SET_UP:
        case PLAN_SET_DOWN: fputs("yes", f); break;
        case PLAN_REMOVE_ADDRESS:
        case PLAN_ADD_ADDRESS:
        case PLAN_CHANGE_ADDRESS: print_address_op(f, op); break;
        case PLAN_REMOVE_RULE:
        case PLAN_ADD_RULE: item_print_rule(f, op->rule); break;
        case PLAN_REMOVE_ROUTE:
        case PLAN_ADD_ROUTE: item_print_route(f, op->route); break;
        case PLAN_REMOVE_NEXTHOP:
        case PLAN_ADD_NEXTHOP: item_print_nexthop(f, op->nexthop); break;
        case PLAN_REMOVE_NEIGHBOR:
        case PLAN_ADD_NEIGHBOR: item_print_neighbor(f, op->neighbor); break;
        default: print_finding_or_queue(f, op); break;
        }

        if (op->revert)
                fputs(", as it was before", f);
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
                char name[PLAN_OP_NAME_MAX];

                fprintf(f, "%s %s ", plan->ops[i].want->name, plan_op_name(plan->ops + i, name));
                print_detail(f, plan->ops + i);
                fputc('\n', f);
        }
        if (fclose(f) != 0) {
                free(text);
                return NULL;
        }
        return text;
}
