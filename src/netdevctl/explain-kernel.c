/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the kernel says of the device, and what that means to a program that wants to use it. The rules are
 * those of drivers/net/tun.c. */

#include <arpa/inet.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "explain.h"
#include "holders.h"
#include "kernel/tuntap.h"

static bool is_up(const Link *link) {
        return link->flags & IFF_UP;
}

static bool keeps_carrier(const Subject *s) {
        return s->want && s->want->device && s->want->device->keep_carrier;
}

static unsigned open_queues(const Link *link) {
        return link->tun.num_queues + link->tun.num_disabled_queues;
}

static void explain_addresses(const Link *link) {
        if (link->n_addresses == 0) {
                say("It has no address.");
                return;
        }
        say("Its addresses:");
        for (size_t i = 0; i < link->n_addresses; i++) {
                char text[INET6_ADDRSTRLEN];

                if (inet_ntop(link->addresses[i].family, link->addresses[i].local, text, sizeof(text)))
                        say("    %s/%u", text, link->addresses[i].prefixlen);
        }
}

static void explain_origin(const Subject *s) {
        if (strcmp(s->link->name, s->name) != 0)
                say("Somebody renamed it to %s; by its interface index it is still netdevd's %s.",
                    s->link->name, s->name);
        if (!s->owned)
                say("netdevd did not make it.");
        else if (s->owned->made)
                say("netdevd made it.");
        else
                say("It was there before netdevd, which took it over.");
}

void explain_link(const Subject *s) {
        const Link *link = s->link, *master;

        if (!link) {
                say("It does not exist in this network namespace.");
                return;
        }
        if (!link->is_tun) {
                say("It exists, with interface index %d, and is no TUN/TAP device (%s): netdevd never "
                    "touches it.",
                    link->ifindex, link->kind[0] ? link->kind : "no kind");
                return;
        }

        say("It exists, with interface index %d: a %s-queue %s, %s, PacketInfo=%s, VNetHeader=%s, MTU %u.",
            link->ifindex, link->tun.multi_queue ? "multi" : "single", link->tun.tap ? "tap" : "tun",
            link->tun.persist ? "persistent" : "gone with its last queue", link->tun.pi ? "yes" : "no",
            link->tun.vnet_hdr ? "yes" : "no", link->mtu);
        explain_origin(s);
        say("It is %s.", is_up(link) ? "up" : "down");
        master = link->master > 0 ? snapshot_by_index(s->actual->snapshot, link->master) : NULL;
        if (master)
                say("It is part of %s.", master->name);
        explain_addresses(link);
}

static void explain_node(void) {
        struct stat st;

        if (stat(TUNTAP_NODE, &st) < 0)
                say("But " TUNTAP_NODE
                    " cannot be looked at here (%s), and without it nobody can attach: run "
                    "'modprobe tun'.",
                    strerror(errno));
        else if ((st.st_mode & 0006) != 0006)
                say("But " TUNTAP_NODE
                    " has mode %04o here, so that not everybody can open it at all: 0666 is the "
                    "usual mode.",
                    st.st_mode & 07777);
}

/* The kind and the queue mode must be right; the rest is taken from whoever comes first, or held as it is.
 */
static void explain_flags(const Subject *s) {
        bool exists = s->link && s->link->is_tun;
        bool multi_queue = exists ? s->link->tun.multi_queue : s->want->device->multi_queue;
        bool tap = exists ? s->link->tun.tap : s->want->device->kind == KIND_TAP;
        bool pi = exists ? s->link->tun.pi : s->want->device->packet_info;
        bool vnet_hdr = exists ? s->link->tun.vnet_hdr : s->want->device->vnet_header;

        say("A program attaches by this name with the flags %s%s%s%s.", tap ? "IFF_TAP" : "IFF_TUN",
            pi ? "" : "|IFF_NO_PI", vnet_hdr ? "|IFF_VNET_HDR" : "", multi_queue ? "|IFF_MULTI_QUEUE" : "");
        if (multi_queue)
                say("Without IFF_MULTI_QUEUE it gets \"Invalid argument\". While any queue is open, "
                    "differences in "
                    "IFF_NO_PI and IFF_VNET_HDR are ignored without a word, and the program misreads its "
                    "packets.");
        else
                say("With IFF_MULTI_QUEUE it gets \"Invalid argument\", and while another program has it "
                    "open "
                    "\"Device or resource busy\".");
}

/* The kernel refuses who is not the owner, if there is one, and who is not in the group, if there is one. */
void explain_access(const Subject *s) {
        bool exists = s->link && s->link->is_tun;
        int64_t owner = exists ? s->link->tun.owner : s->want ? s->want->owner : -1;
        int64_t group = exists ? s->link->tun.group : s->want ? s->want->group : -1;
        const struct passwd *p = owner >= 0 ? getpwuid((uid_t) owner) : NULL;
        const struct group *g = group >= 0 ? getgrgid((gid_t) group) : NULL;
        const char *user_name = p ? p->pw_name : "without a name",
                   *group_name = g ? g->gr_name : "without a name";

        if (!exists && !(s->want && s->want->device))
                return;

        if (owner >= 0 && group >= 0)
                say("Only user %s (uid %" PRIi64
                    ") may attach to it, and only as a member of group %s (gid %" PRIi64
                    "): with User= and Group= the kernel wants both to match.",
                    user_name, owner, group_name, group);
        else if (owner == 0)
                say("Only root may attach to it%s.",
                    s->want && s->want->device && !s->want->device->user
                                    ? ", since the file has neither User= nor Group="
                                    : "");
        else if (owner > 0)
                say("Only user %s (uid %" PRIi64 ") may attach to it.", user_name, owner);
        else if (group >= 0)
                say("Every member of group %s (gid %" PRIi64 ") may attach to it, and nobody else.",
                    group_name, group);
        else
                say("It has no owner and no group: every local user may attach to it (on newer kernels: "
                    "nobody).");
        if (owner != 0)
                say("Whoever has CAP_NET_ADMIN, as root has, may attach too.");
        explain_node();

        explain_flags(s);
}

static void say_holders(const Holders *h) {
        for (size_t i = 0; i < h->n; i++) {
                const Holder *x = h->items + i;

                say("    %s (pid %d, uid %u), %u descriptor%s%s", x->comm, (int) x->pid, x->uid, x->queues,
                    x->queues == 1 ? "" : "s",
                    x->other_namespace
                                    ? ", in another network namespace: maybe of another device of this name"
                                    : "");
        }
}

void explain_holders(const Subject *s) {
        _cleanup_(holders_done) Holders h = {};

        if (!s->link || !s->link->is_tun)
                return;
        if (s->link->tun.multi_queue && open_queues(s->link) == 0)
                say("No queue of it is open.");
        else if (s->link->tun.multi_queue)
                say("%u queue%s attached, and %u open but detached.", s->link->tun.num_queues,
                    s->link->tun.num_queues == 1 ? " is" : "s are", s->link->tun.num_disabled_queues);
        if (s->bus->known)
                say("netdevd holds %s.",
                    s->bus->carrier_held ? "a queue of it, for the carrier" : "no queue of it");

        if (holders_find(s->link->name, &h) < 0)
                return;
        if (h.n > 0) {
                say("Processes that have it open:");
                say_holders(&h);
        } else if (h.complete)
                say("No process has it open.");
        if (!h.complete)
                say("Not every process could be looked into: run this as root to see who has it open.");
}

/* Why there is no carrier on a link that is up. */
static void explain_no_carrier(const Subject *s) {
        const Link *link = s->link;

        if (link->tun.multi_queue && open_queues(link) > 0)
                say("It has no carrier though a queue is open: a program switched it off (TUNSETCARRIER) or "
                    "all queues were closed since; attaching a queue and switching it on raises it.");
        else if (keeps_carrier(s))
                say("It has no carrier, since no program has it open and netdevd holds no queue of it, "
                    "though "
                    "KeepCarrier=yes asks for that: is netdevd running?");
        else
                say("It has no carrier, since no program has it open. KeepCarrier=yes in the .netdev file "
                    "would "
                    "keep it while the program restarts.");
}

void explain_carrier(const Subject *s) {
        const Link *link = s->link;

        if (!link || !link->is_tun)
                return;
        if (!is_up(link))
                say("Down as it is, carrier or not makes no difference.");
        else if (!link->carrier)
                explain_no_carrier(s);
        else if (s->bus->known && s->bus->carrier_held && link_consumers(link, true) == 0)
                say("It has carrier because of the queue that netdevd holds; no program is behind it, and "
                    "packets "
                    "sent to it are dropped.");
        else if (link->tun.multi_queue && link->tun.num_queues == 0)
                say("It has carrier because of a detached queue; no program reads, and packets sent to it "
                    "are "
                    "dropped.");
        else
                say("It has carrier, since a queue of it is open.");
}

void explain_writing(const Subject *s) {
        const NetworkConfig *n = s->want ? s->want->network : NULL;
        const char *why = "somebody set it down, or netdevd has not set it up yet";

        if (!s->link || !s->link->is_tun || is_up(s->link))
                return;
        if (s->want && s->want->device && !n)
                why = "no .network file is for it";
        else if (n && given_value(&n->given, NETWORK_ACTIVATION_POLICY).set &&
                 given_value(&n->given, NETWORK_ACTIVATION_POLICY).value != ACTIVATION_UP)
                why = "its .network file has an ActivationPolicy= of its own";
        say("Writing a packet to it gives \"Input/output error\" (EIO), since it is down: %s.", why);
}
