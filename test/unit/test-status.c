/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the bus shows, as tables: networkd's carrier, address and operational states; netdevd's own
 * administrative state; and which properties two statuses differ in. */

#include "rows.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "device.h"

/* Carrier: dormant, enslaved or carrier, no-carrier, off. */
typedef struct CarrierRow {
        const char *name;
        uint32_t flags;
        uint8_t operstate;
        bool carrier;
        int master;
        OperationalState expected;
} CarrierRow;

static const CarrierRow carrier_rows[] = {
        { "carrier: down", 0, IF_OPER_DOWN, false, 0, OPERATIONAL_OFF },
        { "carrier: down, a queue attached", 0, IF_OPER_DOWN, true, 0, OPERATIONAL_OFF },
        { "carrier: down port", 0, IF_OPER_DOWN, true, 4, OPERATIONAL_OFF },
        { "carrier: up, nobody there", IFF_UP, IF_OPER_DOWN, false, 0, OPERATIONAL_NO_CARRIER },
        { "carrier: up, the flags lag behind", IFF_UP | IFF_RUNNING | IFF_LOWER_UP, IF_OPER_UNKNOWN, false,
          0, OPERATIONAL_NO_CARRIER },
        { "carrier: up, port, nobody there", IFF_UP, IF_OPER_LOWERLAYERDOWN, false, 4,
          OPERATIONAL_NO_CARRIER },
        { "carrier: dormant", IFF_UP, IF_OPER_DORMANT, true, 0, OPERATIONAL_DORMANT },
        { "carrier: dormant port", IFF_UP, IF_OPER_DORMANT, true, 4, OPERATIONAL_DORMANT },
        { "carrier: unknown operstate, as tun reports it", IFF_UP | IFF_RUNNING | IFF_LOWER_UP,
          IF_OPER_UNKNOWN, true, 0, OPERATIONAL_CARRIER },
        { "carrier: up", IFF_UP | IFF_RUNNING | IFF_LOWER_UP, IF_OPER_UP, true, 0, OPERATIONAL_CARRIER },
        { "carrier: enslaved", IFF_UP | IFF_RUNNING | IFF_LOWER_UP, IF_OPER_UP, true, 4,
          OPERATIONAL_ENSLAVED },
};

static void test_carrier(void **state) {
        const CarrierRow *row = *state;
        Link link = {
                .flags = row->flags,
                .operstate = row->operstate,
                .carrier = row->carrier,
                .master = row->master,
        };

        assert_string_equal(operational_state_to_string(link_carrier_state(&link)),
                            operational_state_to_string(row->expected));
}

/* Addresses: the smallest scope number of the ready ones, of both families and any origin. */
typedef struct AddressRow {
        const char *name;
        struct {
                uint8_t family, scope;
                uint32_t flags;
        } addresses[3];
        OperationalState expected;
} AddressRow;

#define V4(scope)                                                                                           \
        { AF_INET, scope, IFA_F_PERMANENT }
#define V6(scope)                                                                                           \
        { AF_INET6, scope, IFA_F_PERMANENT }

static const AddressRow address_rows[] = {
        { "address: none", {}, OPERATIONAL_OFF },
        { "address: global", { V4(RT_SCOPE_UNIVERSE) }, OPERATIONAL_ROUTABLE },
        { "address: global, IPv6", { V6(RT_SCOPE_UNIVERSE) }, OPERATIONAL_ROUTABLE },
        { "address: custom scope", { V4(199) }, OPERATIONAL_ROUTABLE },
        { "address: site", { V6(RT_SCOPE_SITE) }, OPERATIONAL_DEGRADED },
        { "address: link", { V4(RT_SCOPE_LINK) }, OPERATIONAL_DEGRADED },
        { "address: link, IPv6", { V6(RT_SCOPE_LINK) }, OPERATIONAL_DEGRADED },
        { "address: host", { V4(RT_SCOPE_HOST) }, OPERATIONAL_OFF },
        { "address: nowhere", { V4(RT_SCOPE_NOWHERE) }, OPERATIONAL_OFF },
        { "address: the best of several",
          { V4(RT_SCOPE_HOST), V6(RT_SCOPE_LINK), V4(RT_SCOPE_UNIVERSE) },
          OPERATIONAL_ROUTABLE },
        { "address: host and link", { V4(RT_SCOPE_HOST), V6(RT_SCOPE_LINK) }, OPERATIONAL_DEGRADED },
        { "address: tentative is not ready",
          { { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE } },
          OPERATIONAL_OFF },
        { "address: tentative beside a ready one",
          { { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE }, V6(RT_SCOPE_LINK) },
          OPERATIONAL_DEGRADED },
        { "address: duplicate is not ready",
          { { AF_INET6, RT_SCOPE_UNIVERSE, IFA_F_TENTATIVE | IFA_F_DADFAILED } },
          OPERATIONAL_OFF },
        { "address: deprecated counts",
          { { AF_INET, RT_SCOPE_UNIVERSE, IFA_F_DEPRECATED } },
          OPERATIONAL_ROUTABLE },
};

static void test_address(void **state) {
        const AddressRow *row = *state;
        Address addresses[ELEMENTSOF(row->addresses)] = {};
        Link link = { .addresses = addresses };

        for (size_t i = 0; i < ELEMENTSOF(addresses) && row->addresses[i].family; i++)
                addresses[link.n_addresses++] = (Address){
                        .family = row->addresses[i].family,
                        .scope = row->addresses[i].scope,
                        .flags = row->addresses[i].flags,
                };

        assert_string_equal(operational_state_to_string(link_address_state(&link)),
                            operational_state_to_string(row->expected));
}

/* networkd-states.md 1.5: rows are the carrier, columns the address. */
typedef struct OperationalRow {
        const char *name;
        OperationalState carrier;
        OperationalState expected[3]; /* off, degraded, routable */
} OperationalRow;

static const OperationalRow operational_rows[] = {
        { "operational: off", OPERATIONAL_OFF, { OPERATIONAL_OFF, OPERATIONAL_OFF, OPERATIONAL_OFF } },
        { "operational: no-carrier",
          OPERATIONAL_NO_CARRIER,
          { OPERATIONAL_NO_CARRIER, OPERATIONAL_NO_CARRIER, OPERATIONAL_NO_CARRIER } },
        { "operational: dormant",
          OPERATIONAL_DORMANT,
          { OPERATIONAL_DORMANT, OPERATIONAL_DORMANT, OPERATIONAL_DORMANT } },
        { "operational: carrier",
          OPERATIONAL_CARRIER,
          { OPERATIONAL_CARRIER, OPERATIONAL_DEGRADED, OPERATIONAL_ROUTABLE } },
        { "operational: enslaved",
          OPERATIONAL_ENSLAVED,
          { OPERATIONAL_ENSLAVED, OPERATIONAL_ENSLAVED, OPERATIONAL_ROUTABLE } },
};

static Link link_with_carrier(OperationalState carrier) {
        Link link = { .flags = carrier == OPERATIONAL_OFF ? 0 : IFF_UP };

        link.operstate = carrier == OPERATIONAL_DORMANT ? IF_OPER_DORMANT : IF_OPER_UNKNOWN;
        link.carrier = carrier >= OPERATIONAL_CARRIER;
        link.master = carrier == OPERATIONAL_ENSLAVED ? 4 : 0;
        return link;
}

static void test_operational(void **state) {
        static const uint8_t scopes[] = { RT_SCOPE_HOST, RT_SCOPE_LINK, RT_SCOPE_UNIVERSE };
        const OperationalRow *row = *state;

        for (size_t i = 0; i < ELEMENTSOF(scopes); i++) {
                Address address = { .family = AF_INET, .scope = scopes[i] };
                Link link = link_with_carrier(row->carrier);

                link.addresses = &address;
                link.n_addresses = 1;
                assert_int_equal(link_carrier_state(&link), row->carrier);
                assert_string_equal(operational_state_to_string(link_operational_state(&link)),
                                    operational_state_to_string(row->expected[i]));
        }
}

static void test_no_link(void **state _unused_) {
        assert_int_equal(link_operational_state(NULL), OPERATIONAL_MISSING);
}

/* The words are networkd's, in networkd's order. */
static void test_words(void **state _unused_) {
        static const char *const words[] = { "missing",          "off",     "no-carrier", "dormant",
                                             "degraded-carrier", "carrier", "degraded",   "enslaved",
                                             "routable" };
        static const char *const administrative[] = { "pending",  "configuring", "configured",
                                                      "drifted",  "blocked",     "missing",
                                                      "orphaned", "failed",      "unmanaged" };

        assert_int_equal(ELEMENTSOF(words), _OPERATIONAL_STATE_MAX);
        for (OperationalState s = 0; s < _OPERATIONAL_STATE_MAX; s++) {
                assert_string_equal(operational_state_to_string(s), words[s]);
                assert_int_equal(operational_state_from_string(words[s]), s);
        }
        assert_int_equal(operational_state_from_string("linger"), _OPERATIONAL_STATE_INVALID);

        assert_int_equal(ELEMENTSOF(administrative), _ADMINISTRATIVE_STATE_MAX);
        for (AdministrativeState s = 0; s < _ADMINISTRATIVE_STATE_MAX; s++) {
                assert_string_equal(administrative_state_to_string(s), administrative[s]);
                assert_int_equal(administrative_state_from_string(administrative[s]), s);
        }
}

/* The administrative state. A plan of at most two operations: none is type -1. */
#define NONE -1

/* RequiredForOnline= and RequiredFamilyForOnline= (networkd-wait-online's rules). */
static void test_online(void **state _unused_) {
        static const struct {
                OnlineLevel min, max;
                RequiredFamily family;
                bool link, up, carrier, ipv4, ipv6;
                bool expected;
        } rows[] = {
                { ONLINE_DEGRADED, ONLINE_ROUTABLE, FAMILY_ANY, .expected = false },
                { ONLINE_MISSING, ONLINE_ROUTABLE, FAMILY_ANY, .expected = true },
                { ONLINE_DEGRADED, ONLINE_ROUTABLE, FAMILY_ANY, 1, 1, 1, 1, 0, true },
                { ONLINE_DEGRADED, ONLINE_ROUTABLE, FAMILY_ANY, 1, 1, 0, 1, 0, false },
                { ONLINE_NO_CARRIER, ONLINE_ROUTABLE, FAMILY_ANY, 1, 1, 0, 1, 0, true },
                { ONLINE_NO_CARRIER, ONLINE_NO_CARRIER, FAMILY_ANY, 1, 1, 1, 1, 0, false },
                { ONLINE_OFF, ONLINE_ROUTABLE, FAMILY_ANY, 1, 0, 0, 0, 0, true },
                { ONLINE_CARRIER, ONLINE_ROUTABLE, FAMILY_ANY, 1, 1, 1, 0, 0, true },
                { ONLINE_DEGRADED, ONLINE_ROUTABLE, FAMILY_ANY, 1, 1, 1, 0, 0, false },
                { ONLINE_ROUTABLE, ONLINE_ROUTABLE, FAMILY_IPV6, 1, 1, 1, 1, 0, false },
                { ONLINE_ROUTABLE, ONLINE_ROUTABLE, FAMILY_IPV6, 1, 1, 1, 0, 1, true },
                { ONLINE_ROUTABLE, ONLINE_ROUTABLE, FAMILY_IPV4, 1, 1, 1, 0, 1, false },
                { ONLINE_ROUTABLE, ONLINE_ROUTABLE, FAMILY_BOTH, 1, 1, 1, 1, 0, false },
                { ONLINE_ROUTABLE, ONLINE_ROUTABLE, FAMILY_BOTH, 1, 1, 1, 1, 1, true },
                { ONLINE_CARRIER, ONLINE_ROUTABLE, FAMILY_IPV6, 1, 1, 1, 1, 0, true },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                Address addresses[2] = {};
                Link link = { .flags = rows[i].up ? IFF_UP : 0,
                              .carrier = rows[i].carrier,
                              .addresses = addresses };
                NetworkConfig n = { .online_min = rows[i].min, .online_max = rows[i].max };

                assert_int_equal(given_set_value(&n.given, NETWORK_REQUIRED_FAMILY,
                                                 (Optional){ true, rows[i].family }),
                                 0);
                if (rows[i].ipv4)
                        addresses[link.n_addresses++] = (Address){ .family = AF_INET };
                if (rows[i].ipv6)
                        addresses[link.n_addresses++] = (Address){ .family = AF_INET6 };
                assert_int_equal(link_is_online(rows[i].link ? &link : NULL, &n), rows[i].expected);
                given_done(&n.given);
        }
}

typedef struct AdministrativeRow {
        const char *name;
        bool declared, link, looked, made, seen, pending, applying;
        bool awaits; /* the first of the plan */
        int error;
        int ops[2];
        AdministrativeState expected;
} AdministrativeRow;

#define WANTED        .declared = true
#define LINK          .link = true, .seen = true
#define LOOKED        .looked = true
#define PLANNED(a, b) .ops = { a, b }
#define NOTHING       PLANNED(NONE, NONE)

static const AdministrativeRow administrative_rows[] = {
        { "state: not looked at", WANTED, LINK, NOTHING, .expected = ADMINISTRATIVE_PENDING },
        { "state: not looked at, not there", WANTED, NOTHING, .expected = ADMINISTRATIVE_PENDING },
        { "state: about to be made", WANTED, LOOKED, .pending = true, PLANNED(PLAN_CREATE, NONE),
          .expected = ADMINISTRATIVE_CONFIGURING },
        { "state: being made", WANTED, LOOKED, .pending = true, .applying = true, PLANNED(PLAN_CREATE, NONE),
          .expected = ADMINISTRATIVE_CONFIGURING },
        { "state: applying, nothing left", WANTED, LINK, LOOKED, .applying = true, NOTHING,
          .expected = ADMINISTRATIVE_CONFIGURING },
        { "state: all done", WANTED, LINK, LOOKED, NOTHING, .expected = ADMINISTRATIVE_CONFIGURED },
        { "state: all done, still marked", WANTED, LINK, LOOKED, .pending = true, NOTHING,
          .expected = ADMINISTRATIVE_CONFIGURED },
        { "state: changed by somebody", WANTED, LINK, LOOKED, PLANNED(PLAN_SET, NONE),
          .expected = ADMINISTRATIVE_DRIFTED },
        { "state: changed, to be put right", WANTED, LINK, LOOKED, .pending = true, PLANNED(PLAN_SET, NONE),
          .expected = ADMINISTRATIVE_CONFIGURING },
        { "state: waits", WANTED, LINK, LOOKED, .pending = true, PLANNED(PLAN_WAIT, NONE),
          .expected = ADMINISTRATIVE_BLOCKED },
        { "state: changed by a program that is there", WANTED, LINK, LOOKED, PLANNED(PLAN_WAIT, NONE),
          .expected = ADMINISTRATIVE_DRIFTED },
        { "state: follows something that is away", WANTED, LINK, LOOKED, .awaits = true,
          PLANNED(PLAN_WAIT, NONE), .expected = ADMINISTRATIVE_BLOCKED },
        { "state: follows what another is in the place of", WANTED, LINK, LOOKED, .awaits = true,
          PLANNED(PLAN_CONFLICT, NONE), .expected = ADMINISTRATIVE_BLOCKED },
        { "state: follows, and was changed", WANTED, LINK, LOOKED, .awaits = true,
          PLANNED(PLAN_WAIT, PLAN_SET), .expected = ADMINISTRATIVE_DRIFTED },
        { "state: follows, and was deleted by hand", WANTED, LOOKED, .seen = true, .awaits = true,
          PLANNED(PLAN_WAIT, PLAN_CREATE), .expected = ADMINISTRATIVE_MISSING },
        { "state: waits, the rest to be done", WANTED, LINK, LOOKED, .pending = true,
          PLANNED(PLAN_WAIT, PLAN_SET), .expected = ADMINISTRATIVE_CONFIGURING },
        { "state: conflict", WANTED, LINK, LOOKED, .pending = true, PLANNED(PLAN_CONFLICT, NONE),
          .expected = ADMINISTRATIVE_BLOCKED },
        { "state: conflict and drift", WANTED, LINK, LOOKED, PLANNED(PLAN_SET_OWNER, PLAN_CONFLICT),
          .expected = ADMINISTRATIVE_DRIFTED },
        { "state: another device was put in its place", WANTED, LINK, LOOKED, PLANNED(PLAN_CONFLICT, NONE),
          .expected = ADMINISTRATIVE_DRIFTED },
        { "state: the carrier is being raised", WANTED, LINK, LOOKED, PLANNED(PLAN_RAISE_CARRIER, NONE),
          .expected = ADMINISTRATIVE_CONFIGURED },
        { "state: cannot be", WANTED, LOOKED, PLANNED(PLAN_ERROR, NONE), .expected = ADMINISTRATIVE_FAILED },
        { "state: cannot be, but is there", WANTED, LINK, LOOKED, .pending = true, PLANNED(PLAN_ERROR, NONE),
          .expected = ADMINISTRATIVE_FAILED },
        { "state: an operation failed", WANTED, LINK, LOOKED, .error = EPERM, PLANNED(PLAN_SET, NONE),
          .expected = ADMINISTRATIVE_FAILED },
        { "state: an operation failed, to be tried again", WANTED, LINK, LOOKED, .pending = true,
          .error = EPERM, PLANNED(PLAN_SET, NONE), .expected = ADMINISTRATIVE_FAILED },
        { "state: somebody was quicker", WANTED, LINK, LOOKED, .pending = true, .error = EBUSY,
          PLANNED(PLAN_SET_OWNER, NONE), .expected = ADMINISTRATIVE_BLOCKED },
        { "state: does not converge", WANTED, LINK, LOOKED, .error = ELOOP, PLANNED(PLAN_SET, NONE),
          .expected = ADMINISTRATIVE_FAILED },
        { "state: deleted by hand", WANTED, LOOKED, .made = true, .seen = true, PLANNED(PLAN_CREATE, NONE),
          .expected = ADMINISTRATIVE_MISSING },
        { "state: deleted by hand, to be made anew", WANTED, LOOKED, .seen = true, .pending = true,
          PLANNED(PLAN_CREATE, NONE), .expected = ADMINISTRATIVE_CONFIGURING },
        { "state: never there, nobody acts", WANTED, LOOKED, PLANNED(PLAN_CREATE, NONE),
          .expected = ADMINISTRATIVE_PENDING },
        { "state: file is gone", LINK, LOOKED, .made = true, NOTHING, .expected = ADMINISTRATIVE_ORPHANED },
        { "state: file is gone, not looked at", LINK, .made = true, NOTHING,
          .expected = ADMINISTRATIVE_ORPHANED },
        { "state: made by others", LINK, LOOKED, NOTHING, .expected = ADMINISTRATIVE_UNMANAGED },
};

static void test_administrative(void **state) {
        const AdministrativeRow *row = *state;
        const DeviceConfig config = { .kind = KIND_TUN };
        const Want want = { .name = "tun0", .device = &config };
        const Link link = { .ifindex = 5, .name = "tun0" };
        PlanOp ops[2] = {};
        Device d = {
                .name = "tun0",
                .want = row->declared ? &want : NULL,
                .plan = { .ops = ops },
                .looked = row->looked,
                .made = row->made,
                .seen = row->seen,
                .pending = row->pending,
                .applying = row->applying,
                .error = row->error,
        };

        for (size_t i = 0; i < ELEMENTSOF(row->ops) && row->ops[i] != NONE; i++)
                ops[d.plan.n++] = (PlanOp){ .type = (PlanOpType) row->ops[i],
                                            .want = &want,
                                            .awaits = i == 0 && row->awaits ? PLAN_AWAITS_BRIDGE
                                                                            : PLAN_AWAITS_NOTHING };

        assert_string_equal(administrative_state_to_string(
                                            device_administrative_state(&d, row->link ? &link : NULL)),
                            administrative_state_to_string(row->expected));
}

/* Every state there is has a row. */
static void test_administrative_complete(void **state _unused_) {
        bool seen[_ADMINISTRATIVE_STATE_MAX] = {};

        for (size_t i = 0; i < ELEMENTSOF(administrative_rows); i++)
                seen[administrative_rows[i].expected] = true;
        for (size_t i = 0; i < ELEMENTSOF(seen); i++)
                assert_true(seen[i]);
}

/* Each property, and what makes it another one. */
static char *other_list[] = { (char *) "a", NULL };

static void change_ifindex(Status *s) {
        s->ifindex = 9;
}
static void change_kind(Status *s) {
        s->kind = (char *) "tap";
}
static void change_description(Status *s) {
        s->description = (char *) "x";
}
static void change_administrative(Status *s) {
        s->administrative_state = (char *) "drifted";
}
static void change_operational(Status *s) {
        s->operational_state = (char *) "carrier";
}
static void change_carrier(Status *s) {
        s->carrier_state = (char *) "carrier";
}
static void change_address_state(Status *s) {
        s->address_state = (char *) "routable";
}
static void change_mtu(Status *s) {
        s->mtu = 1400;
}
static void change_mac(Status *s) {
        s->hardware_address[5] = 7;
}
static void change_mac_length(Status *s) {
        s->hardware_address_length = 0;
}
static void change_addresses(Status *s) {
        s->addresses = other_list;
}
static void change_config_files(Status *s) {
        s->config_files = other_list;
}
static void change_network_files(Status *s) {
        s->network_files = other_list;
}
static void change_drift(Status *s) {
        s->drift = other_list;
}
static void change_error(Status *s) {
        s->error = EPERM;
}
static void change_error_path(Status *s) {
        s->error_path = (char *) "x";
}
static void change_error_line(Status *s) {
        s->error_line = 3;
}
static void change_error_text(Status *s) {
        s->error_text = (char *) "x";
}
static void change_multi_queue(Status *s) {
        s->multi_queue = 1;
}
static void change_packet_info(Status *s) {
        s->packet_info = 1;
}
static void change_vnet_header(Status *s) {
        s->vnet_header = 1;
}
static void change_persist(Status *s) {
        s->persist = 1;
}
static void change_owner(Status *s) {
        s->owner_uid = INT64_C(1) << 32;
}
static void change_group(Status *s) {
        s->group_gid = 36;
}
static void change_keep_carrier(Status *s) {
        s->keep_carrier = 1;
}
static void change_held(Status *s) {
        s->carrier_held = 1;
}
static void change_active(Status *s) {
        s->active_queues = 1;
}
static void change_disabled(Status *s) {
        s->disabled_queues = 1;
}
static void change_consumer(Status *s) {
        s->consumer_attached = 1;
}

typedef struct PropertyRow {
        const char *name; /* of the test, and of the property */
        bool tuntap;
        void (*change)(Status *s);
} PropertyRow;

static const PropertyRow property_rows[] = {
        { "InterfaceIndex", false, change_ifindex },
        { "Kind", false, change_kind },
        { "Description", false, change_description },
        { "AdministrativeState", false, change_administrative },
        { "OperationalState", false, change_operational },
        { "CarrierState", false, change_carrier },
        { "AddressState", false, change_address_state },
        { "MTU", false, change_mtu },
        { "HardwareAddress", false, change_mac },
        { "HardwareAddress", false, change_mac_length },
        { "Addresses", false, change_addresses },
        { "ConfigFiles", false, change_config_files },
        { "NetworkFiles", false, change_network_files },
        { "Drift", false, change_drift },
        { "LastError", false, change_error },
        { "LastError", false, change_error_path },
        { "LastError", false, change_error_line },
        { "LastError", false, change_error_text },
        { "MultiQueue", true, change_multi_queue },
        { "PacketInfo", true, change_packet_info },
        { "VNetHeader", true, change_vnet_header },
        { "Persist", true, change_persist },
        { "OwnerUID", true, change_owner },
        { "GroupGID", true, change_group },
        { "KeepCarrier", true, change_keep_carrier },
        { "CarrierHeld", true, change_held },
        { "ActiveQueues", true, change_active },
        { "DisabledQueues", true, change_disabled },
        { "ConsumerAttached", true, change_consumer },
};

static Status some_status(void) {
        return (Status){
                .name = (char *) "tun0",
                .kind = (char *) "tun",
                .administrative_state = (char *) "configured",
                .hardware_address_length = 6,
                .owner_uid = 0,
                .group_gid = -1,
        };
}

static void compare(const Status *a, const Status *b, const char **ret_device, const char **ret_tuntap) {
        StatusDigest x, y;

        status_digest(a, &x);
        status_digest(b, &y);
        status_compare(&x, &y, ret_device, ret_tuntap);
}

static void test_property(void **state) {
        const char *device[STATUS_PROPERTIES + 1], *tuntap[STATUS_PROPERTIES + 1];
        const PropertyRow *row = *state;
        Status before = some_status(), after = before;

        row->change(&after);
        for (int i = 0; i < 2; i++) { /* it takes both to tell */
                compare(i ? &after : &before, i ? &before : &after, device, tuntap);
                assert_string_equal(row->tuntap ? tuntap[0] : device[0], row->name);
                assert_null(row->tuntap ? tuntap[1] : device[1]);
                assert_null(row->tuntap ? device[0] : tuntap[0]);
        }
}

static size_t count(const char *const *names) {
        size_t n = 0;

        while (names[n])
                n++;
        return n;
}

/* All at once: the whole of both interfaces but for the constant Name and the Leases of later, each named
 * once. */
static void test_all_properties(void **state _unused_) {
        const char *device[STATUS_PROPERTIES + 1], *tuntap[STATUS_PROPERTIES + 1];
        Status before = some_status(), after = before;

        compare(&before, &after, device, tuntap);
        assert_null(device[0]);
        assert_null(tuntap[0]);

        for (size_t i = 0; i < ELEMENTSOF(property_rows); i++)
                property_rows[i].change(&after);
        compare(&before, &after, device, tuntap);
        assert_int_equal(count(device), 14);
        assert_int_equal(count(tuntap), 11);
}

/* Texts that are not there and texts that are empty are one on the bus. */
static void test_no_text_is_empty_text(void **state _unused_) {
        const char *device[STATUS_PROPERTIES + 1], *tuntap[STATUS_PROPERTIES + 1];
        Status before = some_status(), after = before;

        after.description = after.error_path = (char *) "";
        compare(&before, &after, device, tuntap);
        assert_null(device[0]);
}

/* From a device and its link to what is shown. */

static void test_derive(void **state _unused_) {
        char *files[] = { (char *) "10-tun.netdev", NULL },
             *network_files[] = { (char *) "10-tun.network", NULL };
        const DeviceConfig config = { .kind = KIND_TUN, .keep_carrier = true, .files = files };
        const NetworkConfig network = { .files = network_files, .description = (char *) "the network" };
        const Want want = {
                .name = "tun0", .device = &config, .network = &network, .owner = 1000, .group = -1
        };
        Address addresses[] = {
                { .family = AF_INET, .prefixlen = 24, .local = { 192, 0, 2, 1 } },
                { .family = AF_INET6, .prefixlen = 64, .local = { 0x20, 1, 0xd, 0xb8, [15] = 1 } }
        };
        Link link = {
                .ifindex = 5,
                .name = "tun0",
                .flags = IFF_UP,
                .carrier = true,
                .mtu = 1420,
                .is_tun = true,
                .tun = { .multi_queue = true,
                         .pi = true,
                         .persist = true,
                         .num_queues = 2,
                         .num_disabled_queues = 1,
                         .owner = 7,
                         .group = -1 },
                .addresses = addresses,
                .n_addresses = 2,
        };
        PlanOp op = { .type = PLAN_SET_OWNER, .want = &want, .ifindex = 5 };
        Device d = { .name = "tun0", .want = &want, .looked = true, .plan = { &op, 1 } };
        _cleanup_(status_done) Status s = {};

        assert_int_equal(device_status(&d, &link, true, &s), 0);
        assert_string_equal(s.name, "tun0");
        assert_int_equal(s.ifindex, 5);
        assert_string_equal(s.kind, "tun");
        assert_string_equal(s.description, "the network");
        assert_string_equal(s.administrative_state, "drifted");
        assert_string_equal(s.operational_state, "routable");
        assert_string_equal(s.carrier_state, "carrier");
        assert_string_equal(s.address_state, "routable");
        assert_int_equal(s.mtu, 1420);
        assert_string_equal(s.addresses[0], "192.0.2.1/24");
        assert_string_equal(s.addresses[1], "2001:db8::1/64");
        assert_null(s.addresses[2]);
        assert_string_equal(s.config_files[0], "10-tun.netdev");
        assert_string_equal(s.network_files[0], "10-tun.network");
        assert_string_equal(s.drift[0], "set-owner uid 1000");
        assert_null(s.drift[1]);
        assert_int_equal(s.error, 0);
        assert_true(s.multi_queue && s.packet_info && s.persist && s.keep_carrier && s.carrier_held);
        assert_false(s.vnet_header);
        assert_int_equal(s.owner_uid, 7); /* as it is, not as wanted */
        assert_int_equal(s.active_queues, 2);
        assert_int_equal(s.disabled_queues, 1);
        assert_true(s.consumer_attached);
}

/* A file may have thousands of routes; everybody may read what is left of them, of all devices at once. */
static void test_drift_is_bounded(void **state _unused_) {
        static PlanOp ops[STATUS_DRIFT_MAX + 7];
        const DeviceConfig config = { .kind = KIND_TUN };
        const Want want = { .name = "tun0", .device = &config, .owner = 1000, .group = -1 };
        const Link link = { .ifindex = 5, .name = "tun0", .is_tun = true };
        Device d = { .name = "tun0", .want = &want, .looked = true, .plan = { .ops = ops } };

        for (size_t i = 0; i < ELEMENTSOF(ops); i++)
                ops[i] = (PlanOp){ .type = PLAN_SET_OWNER, .want = &want, .ifindex = 5 };
        for (d.plan.n = STATUS_DRIFT_MAX - 1; d.plan.n <= ELEMENTSOF(ops); d.plan.n++) {
                size_t more = d.plan.n > STATUS_DRIFT_MAX ? d.plan.n - STATUS_DRIFT_MAX : 0;
                _cleanup_(status_done) Status s = {};
                char last[32] = "set-owner uid 1000";

                if (more > 0)
                        (void) snprintf(last, sizeof(last), "and %zu more", more);
                assert_int_equal(device_status(&d, &link, false, &s), 0);
                assert_int_equal(strv_length(s.drift), d.plan.n - more + (more > 0));
                assert_string_equal(s.drift[strv_length(s.drift) - 1], last);
        }
}

static void test_derive_without_link(void **state _unused_) {
        const DeviceConfig config = { .kind = KIND_TAP,
                                      .multi_queue = true,
                                      .description = (char *) "for a machine" };
        const Want want = { .name = "tap0", .device = &config, .owner = 1000, .group = 36 };
        const Source source = { .path = "10-tap.netdev", .line = 6 };
        PlanOp op = { .type = PLAN_ERROR,
                      .want = &want,
                      .text = (char *) "user 'gone' does not exist",
                      .source = &source };
        Device d = { .name = "tap0", .want = &want, .looked = true, .plan = { &op, 1 } };
        _cleanup_(status_done) Status s = {};

        assert_int_equal(device_status(&d, NULL, false, &s), 0);
        assert_int_equal(s.ifindex, 0);
        assert_string_equal(s.kind, "tap");
        assert_string_equal(s.description, "for a machine");
        assert_string_equal(s.administrative_state, "failed");
        assert_string_equal(s.operational_state, "missing");
        assert_string_equal(s.carrier_state, "off");
        assert_string_equal(s.address_state, "off");
        assert_true(s.error != 0);
        assert_string_equal(s.error_path, "10-tap.netdev");
        assert_int_equal(s.error_line, 6);
        assert_string_equal(s.error_text, "user 'gone' does not exist");
        assert_true(s.multi_queue);
        assert_int_equal(s.owner_uid, 1000);
        assert_int_equal(s.group_gid, 36);
        assert_false(s.consumer_attached);
}

/* What an operation stopped at comes before what stands in the way; the latter is told by its kind. */
static void test_derive_error(void **state _unused_) {
        static const struct {
                PlanOpType type;
                int own_error, expected;
        } rows[] = {
                { PLAN_WAIT, 0, EBUSY }, { PLAN_CONFLICT, 0, EEXIST }, { PLAN_WAIT, EPERM, EPERM },
                { PLAN_SET, 0, 0 },      { PLAN_SET, EINVAL, EINVAL },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const Want want = { .name = "tun0" };
                PlanOp op = { .type = rows[i].type, .want = &want, .text = (char *) "the finding" };
                Device d = { .name = "tun0", .looked = true, .plan = { &op, 1 } };
                _cleanup_(status_done) Status s = {};

                d.error = rows[i].own_error;
                d.error_text = (char *) (d.error ? "the operation" : NULL);
                assert_int_equal(device_status(&d, NULL, false, &s), 0);
                assert_int_equal(s.error, rows[i].expected);
                assert_string_equal(s.error_text, d.error ? "the operation" : s.error ? "the finding" : "");
        }
}

static void test_derive_unmanaged(void **state _unused_) {
        Link link = { .ifindex = 5,
                      .name = "tap7",
                      .is_tun = true,
                      .tun = { .tap = true, .owner = -1, .group = -1 } };
        Device d = { .name = "tap7" };
        _cleanup_(status_done) Status s = {};

        assert_int_equal(device_status(&d, &link, false, &s), 0);
        assert_string_equal(s.kind, "tap");
        assert_string_equal(s.description, "");
        assert_string_equal(s.administrative_state, "unmanaged");
        assert_int_equal(s.owner_uid, -1);
        assert_null(s.config_files);
}

static void test_device_object(void **state _unused_) {
        _cleanup_(device_freep) Device *d = device_new("tun0");
        const Source source = { .path = "10-tun.netdev", .line = 6 };

        assert_non_null(d);
        assert_true(d->dirty);
        assert_int_equal(d->logged_state, _ADMINISTRATIVE_STATE_INVALID);

        d->dirty = false;
        device_set_error(d, -EPERM, &source, "why");
        assert_int_equal(d->error, EPERM);
        assert_string_equal(d->error_path, "10-tun.netdev");
        assert_int_equal(d->error_line, 6);
        assert_string_equal(d->error_text, "why");
        assert_true(d->dirty);

        device_set_error(d, -EINVAL, NULL, NULL);
        assert_null(d->error_path);
        assert_string_equal(d->error_text, "");

        d->rounds = 2;
        device_clear_error(d);
        device_forget_rounds(d);
        assert_int_equal(d->error, 0);
        assert_int_equal(d->rounds, 0);
        assert_null(device_free(NULL));
}

int main(void) {
        static struct CMUnitTest tests[ELEMENTSOF(carrier_rows) + ELEMENTSOF(address_rows) +
                                       ELEMENTSOF(operational_rows) + ELEMENTSOF(administrative_rows) +
                                       ELEMENTSOF(property_rows) + 16] = {
                cmocka_unit_test(test_online),
                cmocka_unit_test(test_no_link),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_administrative_complete),
                cmocka_unit_test(test_all_properties),
                cmocka_unit_test(test_no_text_is_empty_text),
                cmocka_unit_test(test_derive),
                cmocka_unit_test(test_drift_is_bounded),
                cmocka_unit_test(test_derive_without_link),
                cmocka_unit_test(test_derive_error),
                cmocka_unit_test(test_derive_unmanaged),
                cmocka_unit_test(test_device_object),
        };
        size_t n = 12;

        ROWS_APPEND(tests, &n, test_carrier, carrier_rows, NULL);
        ROWS_APPEND(tests, &n, test_address, address_rows, NULL);
        ROWS_APPEND(tests, &n, test_operational, operational_rows, NULL);
        ROWS_APPEND(tests, &n, test_administrative, administrative_rows, NULL);
        ROWS_APPEND(tests, &n, test_property, property_rows, NULL);
        return _cmocka_run_group_tests("status", tests, n, NULL, NULL);
}
