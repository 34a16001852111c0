/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "online.h"

#include "test.h"

/* In what follows only what differs is said. */
#define CONFIGURED "'AdministrativeState':'configured'"
#define FILE_FOR   "'NetworkFiles':['/etc/n']"

#define ANY _OPERATIONAL_STATE_INVALID

static gid_t groups[] = { 100, 500 };
static const OnlineUser alice = { "alice", 1000, groups, ELEMENTSOF(groups) };
static const OnlineUser root = { "root", 0, NULL, 0 };

typedef struct Row {
        const char *device; /* NULL: the daemon knows of none */
        OnlineRule rule;
        OnlineVerdict verdict;
        const char *missing; /* a part of the text, NULL: none */
} Row;

static const Row rows[] = {
        /* All: what counts. */
        { "{'AdministrativeState':''}", { false, ANY, ANY, NULL }, ONLINE_BUSY, "it is pending" },
        { "{'AdministrativeState':'pending','RequiredForOnline':false}",
          { false, ANY, ANY, NULL },
          ONLINE_BUSY,
          "it is pending" },
        { "{'AdministrativeState':'unmanaged','RequiredForOnline':true}",
          { false, ANY, ANY, NULL },
          ONLINE_IGNORED,
          NULL },
        { "{'AdministrativeState':'orphaned'," FILE_FOR "}",
          { false, ANY, ANY, NULL },
          ONLINE_IGNORED,
          NULL },
        { "{" CONFIGURED ",'RequiredForOnline':false," FILE_FOR "}",
          { false, ANY, ANY, NULL },
          ONLINE_IGNORED,
          NULL },
        { "{'AdministrativeState':'blocked','RequiredForOnline':true,'LastError':{'Text':'a bridge lacks'}}",
          { false, ANY, ANY, NULL },
          ONLINE_BUSY,
          "it is blocked: a bridge lacks" },
        { "{" CONFIGURED ",'RequiredForOnline':true,'OnlineSatisfied':true," FILE_FOR "}",
          { false, ANY, ANY, NULL },
          ONLINE_YES,
          NULL },
        { "{'AdministrativeState':'drifted','RequiredForOnline':true,'OnlineSatisfied':true," FILE_FOR "}",
          { false, ANY, ANY, NULL },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED
          ",'RequiredForOnline':true,'OnlineSatisfied':false,'OperationalState':'off'," FILE_FOR "}",
          { false, ANY, ANY, NULL },
          ONLINE_SHORT,
          "its operational state is off" },

        /* An older daemon does not say what is required. */
        { "{" CONFIGURED ",'OperationalState':'degraded'," FILE_FOR "}",
          { false, ANY, ANY, NULL },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED ",'OperationalState':'carrier'," FILE_FOR "}",
          { false, ANY, ANY, NULL },
          ONLINE_SHORT,
          "is carrier, not from degraded to routable" },
        { "{" CONFIGURED ",'OperationalState':'carrier','NetworkFiles':[]}",
          { false, ANY, ANY, NULL },
          ONLINE_IGNORED,
          NULL },

        /* Named. */
        { NULL, { true, ANY, OPERATIONAL_ROUTABLE, NULL }, ONLINE_BUSY, "no such device" },
        { NULL, { true, OPERATIONAL_MISSING, OPERATIONAL_OFF, NULL }, ONLINE_YES, NULL },
        { NULL, { true, OPERATIONAL_OFF, OPERATIONAL_ROUTABLE, NULL }, ONLINE_BUSY, "no such device" },
        { "{'AdministrativeState':'missing','InterfaceIndex':0}",
          { true, OPERATIONAL_MISSING, OPERATIONAL_ROUTABLE, NULL },
          ONLINE_YES,
          NULL },
        { "{'AdministrativeState':'failed','InterfaceIndex':3,'OperationalState':'routable'}",
          { true, OPERATIONAL_MISSING, OPERATIONAL_ROUTABLE, NULL },
          ONLINE_BUSY,
          "it is failed" },
        { "{'AdministrativeState':'unmanaged','OperationalState':'routable'}",
          { true, ANY, OPERATIONAL_ROUTABLE, NULL },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED ",'OperationalState':'carrier','OnlineSatisfied':true," FILE_FOR "}",
          { true, ANY, OPERATIONAL_ROUTABLE, NULL },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED ",'OperationalState':'routable'}",
          { true, OPERATIONAL_OFF, OPERATIONAL_CARRIER, NULL },
          ONLINE_BUSY,
          "is routable, not from off to carrier" },
        { "{" CONFIGURED ",'OperationalState':'degraded'}",
          { true, OPERATIONAL_ENSLAVED, OPERATIONAL_ENSLAVED, NULL },
          ONLINE_BUSY,
          "is degraded, not enslaved" },
        { "{" CONFIGURED ",'OperationalState':'of a newer daemon'}",
          { true, OPERATIONAL_MISSING, OPERATIONAL_ROUTABLE, NULL },
          ONLINE_YES,
          NULL }, /* no index: not there */

        /* Who may attach: the owner and the group, each if there is one. The carrier comes later. */
        { "{" CONFIGURED ",'OwnerUID':1000,'GroupGID':-1}",
          { true, ANY, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED ",'OwnerUID':1001,'GroupGID':500}",
          { true, ANY, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_BUSY,
          "it belongs to user 1001, so that alice may not attach" },
        { "{" CONFIGURED ",'OwnerUID':-1,'GroupGID':500}",
          { true, ANY, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED ",'OwnerUID':-1,'GroupGID':501}",
          { true, ANY, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_BUSY,
          "it belongs to group 501, in which alice is not" },
        { "{" CONFIGURED ",'OwnerUID':1000,'GroupGID':100}",
          { true, ANY, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED ",'OwnerUID':1000,'GroupGID':101}",
          { true, ANY, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_BUSY,
          "group 101" },
        { "{" CONFIGURED ",'OwnerUID':1001,'GroupGID':501}",
          { true, ANY, OPERATIONAL_ROUTABLE, &root },
          ONLINE_YES,
          NULL },
        { "{" CONFIGURED "}", { true, ANY, OPERATIONAL_ROUTABLE, &root }, ONLINE_BUSY, "no TUN/TAP device" },
        { "{'AdministrativeState':'configuring','OwnerUID':1000}",
          { true, ANY, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_BUSY,
          "it is configuring" },
        { "{" CONFIGURED ",'OwnerUID':1000,'OperationalState':'off'}",
          { true, OPERATIONAL_CARRIER, OPERATIONAL_ROUTABLE, &alice },
          ONLINE_BUSY,
          "is off, not from carrier" },
};

static void test_judge(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const Row *row = rows + i;
                struct json_object *device = row->device ? json_tokener_parse(row->device) : NULL;
                _cleanup_(freep) char *missing = NULL;
                OnlineVerdict verdict;

                assert_true(!row->device || device);
                verdict = online_judge(device, &row->rule, &missing);
                if (verdict != row->verdict || !missing != !row->missing ||
                    (missing && !strstr(missing, row->missing)))
                        fail_msg("row %zu, %s: verdict %d, '%s'", i, row->device ?: "none", (int) verdict,
                                 missing ?: "nothing");
                (void) json_object_put(device);
        }
}

static void test_user(void **state) {
        OnlineUser u;

        (void) state;
        assert_int_equal(online_user_find("root", &u), 0);
        assert_int_equal(u.uid, 0);
        assert_true(u.n_groups >= 1);
        online_user_done(&u);

        /* A number that no user has is a user without groups. */
        assert_int_equal(online_user_find("4000000001", &u), 0);
        assert_int_equal(u.uid, 4000000001U);
        assert_int_equal(u.n_groups, 0);
        online_user_done(&u);

        assert_int_equal(online_user_find("no such user", &u), -ESRCH);
        assert_int_equal(online_user_find("4294967295", &u), -ESRCH); /* means none, to the kernel */
        assert_int_equal(online_user_find("-1", &u), -ESRCH);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_judge),
                cmocka_unit_test(test_user),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
