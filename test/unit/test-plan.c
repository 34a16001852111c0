/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Golden tests of the plan: each folder test/plan/CASE/ is files and a kernel state beside the plan that
 * follows.
 *
 *      *.netdev, *.network  the files, with drop-in folders
 *      have.json            the kernel (have.h); missing: only lo
 *      owned                the record: "made NAME IFINDEX", "adopted NAME IFINDEX", "held NAME" for a kept
 *                           queue, "set NAME SETTING BEFORE VALUE" with "-" for what could not be read
 *      options              "may-hold=no" (--once, diff), "recreate=yes", "remove-undeclared=yes",
 *                           "default-qdisc=WORD", "manage-foreign-routes=yes", "manage-foreign-rules=yes",
 *                           "route-table=NAME:NUMBER", "enforce=yes", "dirs=DIR DIR" (search path below
 *                           the folder, highest first)
 *      enforced             expected: the devices whose drift is repaired at once, a line each; missing: not
 *                           looked at
 *      plan.txt             expected: the plan as it prints
 *      problems.txt         expected: "PATH:LINE: SEVERITY: TEXT; HINT" each; missing: none
 *
 * Users: root 0, vpn 1000, nobody 65534; groups: root 0, kvm 36; no others. Each case is also held to the
 * law: equal input gives an equal plan; every operation of it can be applied; and then nothing but findings
 * is left.
 *
 * With UPDATE_GOLDEN=1 in the environment plan.txt and problems.txt are rewritten as it is; read every line
 * of the diff, since they say what should be. */

#include "rows.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "fake-kernel.h"
#include "have.h"
#include "plan/plan.h"

#define CASES_MAX 512

/* One case, read and planned. */
typedef struct Case {
        char options[256], *dirs[4];
        PlanOptions plan_options;
        int default_qdisc;
        bool remove;
        RouteTableName table;
        Settings settings;
        Config *config;
        Diagnostics diag;
        Snapshot *have;
        Owned owned;
        Wants wants;
        Plan plan;
        char *plan_text;
        char *problems_text;
} Case;

static void case_done(Case *c) {
        free(c->problems_text);
        free(c->plan_text);
        plan_done(&c->plan);
        wants_done(&c->wants);
        owned_done(&c->owned);
        snapshot_free(c->have);
        diag_done(&c->diag);
        config_free(c->config);
}

static int resolve_user(const char *name, int64_t *ret, void *userdata _unused_) {
        if (strcmp(name, "root") == 0)
                *ret = 0;
        else if (strcmp(name, "vpn") == 0)
                *ret = 1000;
        else if (strcmp(name, "nobody") == 0)
                *ret = 65534;
        else
                return strcmp(name, "broken-nss") == 0 ? -EIO : -ESRCH;
        return 0;
}

static int resolve_group(const char *name, int64_t *ret, void *userdata _unused_) {
        if (strcmp(name, "root") == 0)
                *ret = 0;
        else if (strcmp(name, "kvm") == 0)
                *ret = 36;
        else
                return -ESRCH;
        return 0;
}

static const Host host = {
        .hostname = (char *) "web1",
        .kernel_release = (char *) "6.1.0",
        .kernel_command_line = (char *) "quiet",
        .architecture = (char *) "x86-64",
        .virtualization = (char *) "none",
};

static const Resolver resolver = { .user = resolve_user, .group = resolve_group };

/* The whole file; NULL when it is not there. */
static char *read_text(const char *path) {
        _cleanup_(fclosep) FILE *f = fopen(path, "re");
        char *text = NULL;
        size_t size = 0;

        if (!f)
                return NULL;
        if (getdelim(&text, &size, '\0', f) < 0) {
                free(text);
                return strdup("");
        }
        return text;
}

static void write_text(const char *path, const char *text) {
        FILE *f = fopen(path, "we");

        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

/* "set NAME SETTING BEFORE VALUE", as in the record. */
static void read_set(Case *c, const char *line) {
        char name[IFNAMSIZ], word[64], before[24];
        unsigned long long value;
        uint64_t known;

        assert_int_equal(sscanf(line, "set %15s %63s %23s %llu", name, word, before, &value), 4);
        assert_true(setting_from_string(word) >= 0);
        known = strtoull(before, NULL, 10);
        assert_int_equal(owned_set(&c->owned, name, setting_from_string(word),
                                   strcmp(before, "-") == 0 ? NULL : &known, value),
                         0);
}

static void read_owned(Case *c) {
        _cleanup_(freep) char *text = read_text("owned");
        char *line, *rest = NULL;

        if (!text)
                return;

        for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                char how[8], name[IFNAMSIZ];
                int ifindex = 0, n = sscanf(line, "%7s %15s %d", how, name, &ifindex);

                if (strcmp(how, "set") == 0)
                        read_set(c, line);
                else if (n == 2 && strcmp(how, "held") == 0) {
                        assert_non_null(owned_find(&c->owned, name));
                        owned_find(&c->owned, name)->held = true;
                } else {
                        assert_int_equal(n, 3);
                        assert_true(strcmp(how, "made") == 0 || strcmp(how, "adopted") == 0);
                        assert_int_equal(owned_put(&c->owned, name, ifindex, how[0] == 'm'), 0);
                }
        }
}

/* "key=value" lines; the words of dirs= stay in c->options. */
static void read_options(Case *c) {
        _cleanup_(freep) char *text = read_text("options");
        char *line, *rest = NULL;

        c->plan_options.may_hold = true;
        c->dirs[0] = (char *) ".";
        if (!text)
                return;

        assert_true(strlen(text) < sizeof(c->options));
        strcpy(c->options, text);
        for (line = strtok_r(c->options, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                char *word, *words = NULL;
                size_t n = 0;

                if (strcmp(line, "may-hold=no") == 0) {
                        c->plan_options.may_hold = false;
                        continue;
                }
                if (strcmp(line, "recreate=yes") == 0) {
                        c->plan_options.recreate = true;
                        continue;
                }
                if (strcmp(line, "remove-undeclared=yes") == 0) {
                        c->remove = true;
                        continue;
                }
                if (strcmp(line, "manage-foreign-routes=yes") == 0) {
                        c->settings.manage_foreign_routes = true;
                        continue;
                }
                if (strcmp(line, "manage-foreign-rules=yes") == 0) {
                        c->settings.manage_foreign_routing_policy_rules = true;
                        continue;
                }
                if (strcmp(line, "enforce=yes") == 0) {
                        c->settings.enforce = true;
                        continue;
                }
                if (strncmp(line, "default-qdisc=", 14) == 0) {
                        c->default_qdisc = qdisc_from_string(line + 14);
                        continue;
                }
                if (strncmp(line, "route-table=", 12) == 0) {
                        c->table.name = strtok_r(line + 12, ":", &words);
                        c->table.number = (uint32_t) strtoul(words, NULL, 10);
                        c->settings.tables = &c->table;
                        c->settings.n_tables = 1;
                        continue;
                }
                if (strncmp(line, "dirs=", 5) != 0)
                        fail_msg("options: unknown line '%s'", line);
                for (word = strtok_r(line + 5, " ", &words); word; word = strtok_r(NULL, " ", &words)) {
                        assert_true(n + 1 < ELEMENTSOF(c->dirs));
                        c->dirs[n++] = word;
                }
        }
}

static char *format_problems(const Diagnostics *diag) {
        char *text = NULL;
        size_t size;
        FILE *f = open_memstream(&text, &size);

        assert_non_null(f);
        for (size_t i = 0; i < diag->n; i++) {
                const Diagnostic *d = diag->items + i;
                _cleanup_(freep) char *message = diag_message(d);

                fprintf(f, "%s:%u: %s: %s\n", d->path, d->line, severity_to_string(d->severity), message);
        }
        assert_int_equal(fclose(f), 0);
        return text;
}

static void case_read(Case *c) {
        *c = (Case){};
        read_options(c);
        read_owned(c);
        c->have = have_read("have.json");
        c->settings.default_qdisc = c->default_qdisc;
        c->settings.log_level = -1;
        assert_int_equal(config_load((const char *const *) c->dirs, &host, &c->settings, &c->diag,
                                     &c->config),
                         0);
        assert_int_equal(wants_build(c->config, &c->settings, c->have, &resolver, &c->diag, &c->wants), 0);
        assert_int_equal(wants_add_rest(&c->wants, &c->owned, c->remove), 0);
        assert_int_equal(plan_compute(&c->wants, c->have, &c->owned, c->plan_options, &c->plan), 0);
        c->plan_text = plan_format(&c->plan);
        c->problems_text = format_problems(&c->diag);
        assert_true(c->plan_text && c->problems_text);
}

/* The expected text is also written, when asked for. */
static void check_golden(const char *path, const char *text) {
        _cleanup_(freep) char *expected = NULL;

        if (getenv("UPDATE_GOLDEN")) {
                if (*text || strcmp(path, "plan.txt") == 0)
                        write_text(path, text);
                else
                        (void) unlink(path);
        }

        expected = read_text(path);
        if (!expected && strcmp(path, "plan.txt") == 0)
                fail_msg("there is no %s; it would be:\n%s", path, text);
        assert_string_equal(text, expected ?: "");
}

static void check_enforced(const Wants *wants) {
        _cleanup_(freep) char *expected = read_text("enforced"), *text = NULL;
        size_t size;
        FILE *f;

        if (!expected)
                return;
        f = open_memstream(&text, &size);
        assert_non_null(f);
        for (size_t i = 0; i < wants->n; i++)
                if (wants->items[i].enforce)
                        fprintf(f, "%s\n", wants->items[i].name);
        assert_int_equal(fclose(f), 0);
        assert_string_equal(text, expected);
}

/* Sorted by device; the operations of one device in the order of their stages. */
static void check_order(const Plan *plan) {
        PlanStage stage = PLAN_STAGE_NONE;

        for (size_t i = 0; i < plan->n; i++) {
                const PlanOp *op = plan->ops + i;

                if (i > 0 && plan->ops[i - 1].want != op->want) {
                        assert_true(strcmp(plan->ops[i - 1].want->name, op->want->name) < 0);
                        stage = PLAN_STAGE_NONE;
                }
                if (plan_op_is_finding(op->type))
                        continue;
                assert_true(plan_op_stage(op) >= stage);
                stage = plan_op_stage(op);
        }
}

static void apply_all(Case *c) {
        FakeKernel kernel = { .snapshot = c->have, .owned = &c->owned };
        const Want *device = NULL;
        int ifindex = 0;

        for (size_t i = 0; i < c->plan.n; i++) {
                const PlanOp *op = c->plan.ops + i;
                char name[PLAN_OP_NAME_MAX];
                int r;

                if (op->want != device)
                        ifindex = op->ifindex;
                device = op->want;
                if (plan_op_is_finding(op->type))
                        continue;

                r = fake_kernel_apply(&kernel, op, &ifindex);
                if (r < 0)
                        fail_msg("%s %s is refused: %s", device->name, plan_op_name(op, name), strerror(-r));
        }
        fake_kernel_done(&kernel);
}

static void check_law(Case *c) {
        _cleanup_(freep) char *text = NULL;
        Plan again = {};
        int r;

        apply_all(c);
        r = plan_compute(&c->wants, c->have, &c->owned, c->plan_options, &again);
        text = plan_format(&again);
        for (size_t i = 0; i < again.n; i++) {
                char name[PLAN_OP_NAME_MAX];

                if (!plan_op_is_finding(again.ops[i].type))
                        print_error("left to do: %s %s\n", again.ops[i].want->name,
                                    plan_op_name(again.ops + i, name));
        }
        for (size_t i = 0; i < again.n; i++)
                assert_true(plan_op_is_finding(again.ops[i].type));
        plan_done(&again);

        assert_int_equal(r, 0);
        assert_non_null(text);
}

static void test_case(void **state) {
        _cleanup_(case_done) Case c = {}, equal = {};

        assert_int_equal(chdir(*state), 0);
        case_read(&c);
        case_read(&equal);

        check_golden("plan.txt", c.plan_text);
        check_golden("problems.txt", c.problems_text);
        assert_string_equal(equal.plan_text, c.plan_text);
        assert_string_equal(equal.problems_text, c.problems_text);
        check_enforced(&c.wants);
        check_order(&c.plan);
        check_law(&c);
}

/* What the plan does not print. */

static uint8_t scope_of(const char *text) {
        AddressConfig address = {};
        NetworkConfig network = { .addresses = &address, .n_addresses = 1 };
        DeviceConfig device = { .kind = KIND_TUN };
        Want want = { .name = "tun0", .device = &device, .network = &network };
        Wants wants = { .complete = true };
        _cleanup_(snapshot_freep) Snapshot *have = snapshot_new();
        _cleanup_(plan_done) Plan plan = {};
        const PlanOp *op;

        assert_non_null(have);
        assert_int_equal(parse_in_addr_prefix(text, &address.address, &address.prefixlen, NULL), 0);
        assert_int_equal(plan_device(&want, &wants, have, &(Owned){}, (PlanOptions){}, &plan), 0);

        op = plan.ops + plan.n - 1;
        assert_int_equal(op->type, PLAN_ADD_ADDRESS);
        assert_int_equal(op->address.protocol, NETDEVD_PROTOCOL);
        assert_memory_equal(op->address.local, op->address.peer, sizeof(op->address.local));
        return op->address.scope;
}

static void test_scope(void **state _unused_) {
        assert_int_equal(scope_of("192.0.2.1/24"), 0); /* RT_SCOPE_UNIVERSE */
        assert_int_equal(scope_of("10.1.2.3/8"), 0);
        assert_int_equal(scope_of("169.254.7.1/16"), 253); /* RT_SCOPE_LINK */
        assert_int_equal(scope_of("169.253.7.1/16"), 0);
        assert_int_equal(scope_of("127.0.0.2/8"), 254); /* RT_SCOPE_HOST */
        assert_int_equal(scope_of("128.0.0.2/8"), 0);
        assert_int_equal(scope_of("2001:db8::1/64"), 0);
}

static Link tun_link(bool multi_queue, unsigned queues, unsigned disabled, bool carrier) {
        return (Link){
                .is_tun = true,
                .carrier = carrier,
                .tun = { .multi_queue = multi_queue, .num_queues = queues, .num_disabled_queues = disabled },
        };
}

static void test_consumers(void **state _unused_) {
        Link link = { .carrier = true };

        assert_int_equal(link_consumers(&link, false), 0); /* no tun: nobody can be behind it */

        link = tun_link(false, 0, 0, false);
        assert_int_equal(link_consumers(&link, false), 0);
        link = tun_link(false, 0, 0, true);
        assert_int_equal(link_consumers(&link, false), 1);
        assert_int_equal(link_consumers(&link, true), 0);

        link = tun_link(true, 0, 0, true);
        assert_int_equal(link_consumers(&link, false), 0);
        assert_int_equal(link_consumers(&link, true), 0); /* the kernel's count is from before we held it */
        link = tun_link(true, 0, 1, true);
        assert_int_equal(link_consumers(&link, true), 0);
        assert_int_equal(link_consumers(&link, false), 1);
        link = tun_link(true, 2, 1, true);
        assert_int_equal(link_consumers(&link, true), 2);
        assert_int_equal(link_consumers(&link, false), 3);
}

/* Every operation has a word and a stage, and the stages come in order of the enum. */
static void test_operations(void **state _unused_) {
        PlanStage stage = PLAN_STAGE_NONE;
        char name[PLAN_OP_NAME_MAX], other_name[PLAN_OP_NAME_MAX];

        for (PlanOpType t = 0; t < PLAN_OP_TYPES; t++) {
                PlanOp op = { .type = t };

                assert_non_null(plan_op_name(&op, name));
                for (PlanOpType other = 0; other < t; other++)
                        assert_string_not_equal(plan_op_name(&op, name),
                                                plan_op_name(&(PlanOp){ .type = other }, other_name));
                assert_true(plan_op_stage(&op) >= stage);
                stage = plan_op_stage(&op);
        }
        assert_int_equal(stage, _PLAN_STAGE_MAX - 1);
        assert_true(plan_op_is_finding(PLAN_WAIT));
        assert_false(plan_op_is_finding(PLAN_DELETE));
}

static int is_case(const struct dirent *e) {
        return e->d_name[0] != '.';
}

static void append_cases(struct CMUnitTest *tests, size_t *n, const char *root) {
        struct dirent **entries;
        int n_entries;
        char *top;

        assert_true(asprintf(&top, "%s/test/plan", root) > 0);
        n_entries = scandir(top, &entries, is_case, alphasort);
        if (n_entries < 0)
                perror(top);

        for (int i = 0; i < n_entries; i++) {
                char *path;

                assert_true(*n < CASES_MAX);
                assert_true(asprintf(&path, "%s/%s", top, entries[i]->d_name) > 0);
                free(entries[i]);
                tests[(*n)++] = (struct CMUnitTest){
                        .name = strrchr(path, '/') + 1,
                        .test_func = test_case,
                        .initial_state = path, /* kept to the end */
                };
        }
        if (n_entries >= 0)
                free(entries);
        free(top);
}

int main(void) {
        static struct CMUnitTest tests[CASES_MAX + 8] = {
                cmocka_unit_test(test_scope),
                cmocka_unit_test(test_consumers),
                cmocka_unit_test(test_operations),
        };
        const char *root = getenv("SOURCE_ROOT");
        size_t n = 3;

        if (!root) {
                fprintf(stderr, "SOURCE_ROOT must name the source tree\n");
                return 77;
        }
        append_cases(tests, &n, root);

        /* A tree without the cases has not passed. */
        return n < 50 ? 1 : _cmocka_run_group_tests("plan", tests, n, NULL, NULL);
}
