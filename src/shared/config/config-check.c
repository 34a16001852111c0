/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Values of a .network file that only mean something together. Looked at when the whole file and its
 * drop-ins are read; what does not fit is said at its line and made as networkd would understand it. */

#include <string.h>

#include "config-objects.h"

static void warn(const ObjectContext *c, NetworkKey key, const char *hint, const char *text) {
        (void) diag_add(c->diag, SEVERITY_WARNING, given_source(&c->network->given, key), hint, "%s", text);
}

static int force(NetworkConfig *n, NetworkKey key, int64_t value, NetworkKey because) {
        int r = given_set_value(&n->given, key, (Optional){ true, value });

        return r < 0 ? r : given_set_source(&n->given, key, given_source(&n->given, because));
}

static void forget(NetworkConfig *n, NetworkKey key) {
        (void) given_set_value(&n->given, key, (Optional){});
        (void) given_set_source(&n->given, key, &(Source){});
}

static void forget_name(NetworkConfig *n, char **name, NetworkKey key) {
        free(*name);
        *name = NULL;
        forget(n, key);
}

static void check_master(ObjectContext *c) {
        NetworkConfig *n = c->network;
        bool keep = given_value(&n->given, NETWORK_KEEP_MASTER).value;

        if (n->vrf && (keep || n->bridge)) {
                warn(c, NETWORK_VRF, keep ? "remove VRF= or KeepMaster=yes" : "remove VRF= or Bridge=",
                     keep ? "VRF= is ignored, since KeepMaster=yes"
                          : "VRF= is ignored, since a link has one master and Bridge= comes first");
                forget_name(n, &n->vrf, NETWORK_VRF);
        }
        if (n->bridge && keep) {
                warn(c, NETWORK_BRIDGE, "remove Bridge= or KeepMaster=yes",
                     "Bridge= is ignored, since KeepMaster=yes");
                forget_name(n, &n->bridge, NETWORK_BRIDGE);
        }
}

/* [Bridge] and [BridgeVLAN] are for a port of a bridge. Runs after check_master(). */
static void check_port(ObjectContext *c) {
        NetworkConfig *n = c->network;
        const char *hint = "write Bridge= in [Network], or KeepMaster=yes when others set the bridge";
        bool said = false;

        if (n->bridge || given_value(&n->given, NETWORK_KEEP_MASTER).value)
                return;

        for (NetworkKey key = NETWORK_PORT_UNICAST_FLOOD; key < _NETWORK_KEY_MAX; key++) {
                if (given_value(&n->given, key).set && !said)
                        warn(c, key, hint,
                             "section [Bridge] has no effect on a link that is no port of a bridge");
                said = said || given_value(&n->given, key).set;
                forget(n, key);
        }

        if (n->vlans)
                (void) diag_add(c->diag, SEVERITY_WARNING, &n->vlans->source, hint,
                                "section [BridgeVLAN] has no effect on a link that is no port of a bridge");
        free(n->vlans);
        n->vlans = NULL;
}

/* Whatever leaves untagged is in the VLAN, and so is the PVID. */
static void check_vlans(NetworkConfig *n) {
        BridgeVlanConfig *v = n->vlans;

        if (v && !v->given) {
                free(v);
                v = n->vlans = NULL;
        }
        if (!v)
                return;
        for (size_t i = 0; i < sizeof(v->vlans); i++)
                v->vlans[i] |= v->untagged[i];
        if (v->pvid > 0)
                v->vlans[v->pvid / 8] |= (uint8_t) (1 << v->pvid % 8);
}

static int check_activation(ObjectContext *c) {
        NetworkConfig *n = c->network;
        Optional policy = given_value(&n->given, NETWORK_ACTIVATION_POLICY);
        Optional ignore = given_value(&n->given, NETWORK_IGNORE_CARRIER_LOSS);

        if (n->bind_carrier && (!policy.set || policy.value != ACTIVATION_BOUND)) {
                if (policy.set)
                        warn(c, NETWORK_ACTIVATION_POLICY, "remove the line, or BindCarrier=",
                             "ActivationPolicy= is ignored: BindCarrier= means bound");
                return force(n, NETWORK_ACTIVATION_POLICY, ACTIVATION_BOUND, NETWORK_BIND_CARRIER);
        }
        if (!n->bind_carrier && policy.set && policy.value == ACTIVATION_BOUND) {
                warn(c, NETWORK_ACTIVATION_POLICY, "write BindCarrier= in [Network]",
                     "ActivationPolicy=bound means up here, since there is no BindCarrier=");
                return force(n, NETWORK_ACTIVATION_POLICY, ACTIVATION_UP, NETWORK_ACTIVATION_POLICY);
        }

        if (!policy.set || policy.value != ACTIVATION_ALWAYS_UP)
                return 0;
        if (ignore.set && ignore.value != INT64_MAX)
                warn(c, NETWORK_IGNORE_CARRIER_LOSS, "write IgnoreCarrierLoss=yes, or ActivationPolicy=up",
                     "IgnoreCarrierLoss= is taken for yes, since ActivationPolicy=always-up");
        return force(n, NETWORK_IGNORE_CARRIER_LOSS, INT64_MAX, NETWORK_ACTIVATION_POLICY);
}

/* Who keeps a link down cannot wait for it. */
static void check_required(ObjectContext *c) {
        NetworkConfig *n = c->network;
        Optional policy = given_value(&n->given, NETWORK_ACTIVATION_POLICY);
        bool given = given_source(&n->given, NETWORK_REQUIRED_FOR_ONLINE)->path;
        bool always = policy.set && policy.value == ACTIVATION_ALWAYS_DOWN;

        if (!always &&
            (!policy.set || (policy.value != ACTIVATION_DOWN && policy.value != ACTIVATION_MANUAL)))
                return;

        if (given && n->required_for_online)
                warn(c, NETWORK_REQUIRED_FOR_ONLINE, "write RequiredForOnline=no",
                     always ? "RequiredForOnline= is taken for no, since ActivationPolicy=always-down"
                            : "RequiredForOnline= waits for the link, but ActivationPolicy= leaves it to "
                              "others to bring it up");
        if (always || !given)
                n->required_for_online = false;
}

static int compare_addresses(const void *a, const void *b) {
        return in_addr_compare(a, b);
}

static void check_proxy_addresses(ObjectContext *c) {
        NetworkConfig *n = c->network;
        Optional proxy = given_value(&n->given, NETWORK_PROXY_NDP);
        size_t kept = 0;

        if (n->n_proxy_ndp_addresses == 0)
                return;

        if (proxy.set && !proxy.value) {
                warn(c, NETWORK_PROXY_NDP_ADDRESS, "write IPv6ProxyNDP=yes, or remove the addresses",
                     "IPv6ProxyNDPAddress= is ignored, since IPv6ProxyNDP=no");
                forget(n, NETWORK_PROXY_NDP_ADDRESS);
                n->n_proxy_ndp_addresses = 0;
                return;
        }

        qsort(n->proxy_ndp_addresses, n->n_proxy_ndp_addresses, sizeof(InAddr), compare_addresses);
        for (size_t i = 0; i < n->n_proxy_ndp_addresses; i++)
                if (i == 0 ||
                    in_addr_compare(n->proxy_ndp_addresses + kept - 1, n->proxy_ndp_addresses + i) != 0)
                        n->proxy_ndp_addresses[kept++] = n->proxy_ndp_addresses[i];
        n->n_proxy_ndp_addresses = kept;
}

/* The IPv4 half is a dynamic protocol. */
static void check_link_local(ObjectContext *c) {
        Optional local = given_value(&c->network->given, NETWORK_LINK_LOCAL_ADDRESSING);

        if (local.set && (local.value == LINK_LOCAL_IPV4 || local.value == LINK_LOCAL_YES))
                left_out_add(&c->left_out, given_source(&c->network->given, NETWORK_LINK_LOCAL_ADDRESSING));
}

int network_check(ObjectContext *c) {
        int r;

        r = objects_drop_duplicates(c);
        if (r < 0)
                return r;
        routes_set_on_link(c);
        nexthops_set_on_link(c);

        check_vlans(c->network);
        check_master(c);
        check_port(c);
        r = check_activation(c);
        if (r < 0)
                return r;
        check_required(c);
        check_proxy_addresses(c);
        check_link_local(c);
        return 0;
}
