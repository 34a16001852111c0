/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Operations that are one rtnetlink message each, many devices a batch. */

#include <assert.h>
#include <string.h>

#include "apply.h"
#include "kernel/encode.h"

static void encode_setting(struct nlmsghdr *nlh, const PlanOp *op, int ifindex) {
        static const uint32_t flags[_SETTING_MAX] = {
                [SETTING_ARP] = IFF_NOARP,
                [SETTING_MULTICAST] = IFF_MULTICAST,
                [SETTING_ALL_MULTICAST] = IFF_ALLMULTI,
                [SETTING_PROMISCUOUS] = IFF_PROMISC,
        };
        uint32_t value = (uint32_t) op->value;
        uint8_t mac[6];

        if (op->setting >= SETTING_PORT_FIRST && op->setting <= SETTING_PORT_LAST) {
                encode_set_port(nlh, ifindex, (PortSetting) (op->setting - SETTING_PORT_FIRST), value);
                return;
        }
        switch (op->setting) {
        case SETTING_QDISC:
                encode_set_qdisc(nlh, ifindex,
                                 value == QDISC_KERNEL ? NULL : qdisc_to_string((Qdisc) value));
                break;
        case SETTING_TX_QUEUE_LENGTH: encode_set_tx_queue_length(nlh, ifindex, value); break;
        case SETTING_LINK_GROUP: encode_set_group(nlh, ifindex, value); break;
        case SETTING_MTU: encode_set_mtu(nlh, ifindex, value); break;
        case SETTING_MAC_ADDRESS:
                setting_to_mac(op->value, mac);
                encode_set_hwaddr(nlh, ifindex, mac, sizeof(mac));
                break;
        case SETTING_ARP:
        case SETTING_MULTICAST:
        case SETTING_ALL_MULTICAST:
        case SETTING_PROMISCUOUS:
                encode_set_flags(nlh, ifindex,
                                 !value == (op->setting == SETTING_ARP) ? flags[op->setting] : 0,
                                 flags[op->setting]);
                break;
        case SETTING_ADDRESS_GENERATION: encode_set_address_generation(nlh, ifindex, (uint8_t) value); break;
        case SETTING_MASTER: encode_set_master(nlh, ifindex, (int) value); break;
        default: assert(!"not a netlink setting");
        }
}

/* Of a device that was just made the plan could not know the index. */
static void encode_route(struct nlmsghdr *nlh, const PlanOp *op, int ifindex) {
        RouteHop hops[ROUTE_HOPS_MAX];
        Route route = *op->route;

        assert(route.n_hops <= ELEMENTSOF(hops));
        if (route.n_hops > 0)
                memcpy(hops, route.hops, route.n_hops * sizeof(RouteHop));
        for (size_t i = 0; i < route.n_hops; i++)
                hops[i].ifindex = hops[i].ifindex ?: ifindex;
        route.hops = hops;
        if (op->type == PLAN_ADD_ROUTE)
                encode_add_route(nlh, &route);
        else
                encode_delete_route(nlh, &route);
}

static void encode_nexthop(struct nlmsghdr *nlh, const PlanOp *op, int ifindex) {
        NextHop n = *op->nexthop;

        if (!n.blackhole && n.n_group == 0 && n.ifindex == 0)
                n.ifindex = ifindex;
        if (op->type == PLAN_ADD_NEXTHOP)
                encode_add_nexthop(nlh, &n);
        else
                encode_delete_nexthop(nlh, &n);
}

static void encode_neighbor(struct nlmsghdr *nlh, const PlanOp *op, int ifindex) {
        Neighbor n = *op->neighbor;

        n.ifindex = n.ifindex ?: ifindex;
        if (op->type == PLAN_ADD_NEIGHBOR)
                encode_add_neighbor(nlh, &n);
        else
                encode_delete_neighbor(nlh, &n);
}

static void encode(struct nlmsghdr *nlh, const PlanOp *op, int ifindex) {
        switch (op->type) {
        case PLAN_DELETE: encode_delete_link(nlh, ifindex); break;
        case PLAN_RENAME: encode_set_name(nlh, ifindex, op->want->name); break;
        case PLAN_SET: encode_setting(nlh, op, ifindex); break;
        case PLAN_REMOVE_VLANS:
        case PLAN_ADD_VLANS:
                encode_bridge_vlan(nlh, ifindex, op->type == PLAN_ADD_VLANS, op->vlan_first, op->vlan_last,
                                   op->pvid, op->untagged);
                break;
        case PLAN_SET_UP: encode_set_flags(nlh, ifindex, IFF_UP, IFF_UP); break;
        case PLAN_SET_DOWN: encode_set_flags(nlh, ifindex, 0, IFF_UP); break;
        case PLAN_REMOVE_ADDRESS: encode_delete_address(nlh, ifindex, &op->address); break;
        case PLAN_ADD_ADDRESS:
        case PLAN_CHANGE_ADDRESS: encode_add_address(nlh, ifindex, &op->address); break;
        case PLAN_ADD_ROUTE:
        case PLAN_REMOVE_ROUTE: encode_route(nlh, op, ifindex); break;
        case PLAN_ADD_NEXTHOP:
        case PLAN_REMOVE_NEXTHOP: encode_nexthop(nlh, op, ifindex); break;
        case PLAN_ADD_RULE: encode_add_rule(nlh, op->rule); break;
        case PLAN_REMOVE_RULE: encode_delete_rule(nlh, op->rule); break;
        case PLAN_ADD_NEIGHBOR:
        case PLAN_REMOVE_NEIGHBOR: encode_neighbor(nlh, op, ifindex); break;

        case PLAN_ERROR:
        case PLAN_CONFLICT:
        case PLAN_WAIT:
        case PLAN_CREATE:
        case PLAN_SET_FLAGS:
        case PLAN_SET_OWNER:
        case PLAN_SET_GROUP:
        case PLAN_SET_PERSIST:
        case PLAN_SET_VNET_HEADER_BYTES:
        case PLAN_HOLD:
        case PLAN_RELEASE:
        case PLAN_RAISE_CARRIER: assert(!"not a netlink operation");
        }
}

/* Already as wanted is as good as done: somebody was quicker, or the kernel took it away with something
 * else. */
static bool is_done_already(const PlanOp *op, int error) {
        switch (op->type) {
        case PLAN_ADD_ADDRESS:
        case PLAN_ADD_RULE: return error == -EEXIST;
        case PLAN_REMOVE_ADDRESS: return error == -EADDRNOTAVAIL;
        case PLAN_DELETE: return error == -ENODEV;
        case PLAN_REMOVE_ROUTE: return error == -ESRCH || error == -ENODEV;
        case PLAN_REMOVE_RULE:
        case PLAN_REMOVE_NEXTHOP:
        case PLAN_REMOVE_NEIGHBOR: return error == -ENOENT || error == -ENODEV;
        /* Back to the kernel's choice, where it is already. */
        case PLAN_SET: return op->setting == SETTING_QDISC && op->revert && error == -ENOENT;
        default: return false;
        }
}

static const char *hint(const PlanOp *op, int error) {
        if (op->type == PLAN_SET && op->setting == SETTING_QDISC && error == -ENOENT)
                return " (is the kernel's module for it there?)";
        if (op->type == PLAN_ADD_ROUTE && error == -ENETUNREACH)
                return " (no address of the device reaches the gateway; add one, or GatewayOnLink=yes)";
        if (op->type == PLAN_ADD_ADDRESS && op->address.family == AF_INET6 &&
            (error == -EACCES || error == -EPERM))
                return " (is IPv6 disabled on the device? see net.ipv6.conf.*.disable_ipv6)";
        if (op->type == PLAN_RENAME && error == -EBUSY)
                return " (kernels before 6.2 rename a link only while it is down)";
        if (error == -EPERM)
                return " (CAP_NET_ADMIN is needed)";
        return "";
}

static void take_result(Task *task, const RtnlResult *result) {
        _cleanup_(freep) char *object = NULL;
        char name[PLAN_OP_NAME_MAX];

        if (result->error >= 0 || is_done_already(task->op, result->error))
                return;

        task->error = result->error;
        object = plan_op_object(task->op);
        if (asprintf(&task->text, "%s %s: %s%s%s%s", plan_op_name(task->op, name), object ?: "",
                     strerror(-result->error), result->text ? ": " : "", result->text ?: "",
                     hint(task->op, result->error)) < 0)
                task->text = NULL;
}

/* An IPv6 route that differs from a foreign one only in whose it is: it becomes ours. */
static void take_over_route(Applier *a, Task *task, RtnlResult *result) {
        struct nlmsghdr *nlh = rtnl_batch_begin(a->batch);

        encode_route(nlh, task->op, *task->ifindex);
        nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
        rtnl_batch_end(a->batch);
        free(result->text);
        result->text = NULL;
        result->error = rtnl_batch_send_one(a->rtnl, a->batch, &result->text);
}

static void send_batch(Applier *a, Task *tasks, size_t n) {
        RtnlResult results[RTNL_BATCH_MAX] = {};
        int r;

        if (n == 0)
                return;
        r = rtnl_batch_send(a->rtnl, a->batch, results);
        for (size_t i = 0; i < n; i++) {
                if (r < 0)
                        results[i].error = r;
                if (tasks[i].op->type == PLAN_ADD_ROUTE && results[i].error == -EEXIST)
                        take_over_route(a, tasks + i, results + i);
                take_result(tasks + i, results + i);
                free(results[i].text);
        }
}

/* The one setting of this stage that is a file: what comes after it needs it. */
static bool is_file(const PlanOp *op) {
        return op->type == PLAN_SET && op->setting == SETTING_STABLE_SECRET;
}

void apply_link(Applier *a, Task *tasks, size_t n) {
        size_t first = 0;

        assert(n <= RTNL_BATCH_MAX);

        for (size_t i = 0; i < n; i++) {
                if (is_file(tasks[i].op)) {
                        send_batch(a, tasks + first, i - first);
                        apply_sysctl(tasks + i);
                        first = i + 1;
                        continue;
                }
                encode(rtnl_batch_begin(a->batch), tasks[i].op, *tasks[i].ifindex);
                rtnl_batch_end(a->batch);
        }
        send_batch(a, tasks + first, n - first);
}
