/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* netdevctl diff: the plan the daemon would make if it loaded the files now, computed here. */

#include <string.h>

#include "actual.h"
#include "json.h"
#include "problems.h"

static int print_lines(const Plan *plan) {
        bool fancy = ctl_is_fancy(STDOUT_FILENO);

        for (size_t i = 0; i < plan->n; i++) {
                const PlanOp *op = plan->ops + i;
                _cleanup_(freep) char *detail = plan_op_detail(op);
                char name[PLAN_OP_NAME_MAX];

                if (!detail)
                        return -ENOMEM;
                printf("%s%s %s %s%s\n", fancy && op->destructive ? "\033[0;1;31m" : "", op->want->name,
                       plan_op_name(op, name), detail, fancy && op->destructive ? "\033[0m" : "");
        }
        return 0;
}

static struct json_object *to_json(const PlanOp *op) {
        struct json_object *o = json_object_new_object();
        _cleanup_(freep) char *object = plan_op_object(op);
        const Source *source = op->source && op->source->path ? op->source : NULL;
        char name[PLAN_OP_NAME_MAX];

        if (!o)
                return NULL;
        json_add_string(o, "device", op->want->name);
        json_add_string(o, "operation", plan_op_name(op, name));
        json_add_string(o, "detail", object);
        (void) json_object_object_add(o, "destructive", json_object_new_boolean(op->destructive));
        json_add_string(o, "path", source ? source->path : NULL);
        (void) json_object_object_add(o, "line", json_object_new_int64(source ? source->line : 0));
        (void) json_object_object_add(o, "finding", json_object_new_boolean(plan_op_is_finding(op->type)));
        return o;
}

static int print_json(const Plan *plan, JsonMode mode) {
        _cleanup_(json_object_putp) struct json_object *list = json_object_new_array();

        for (size_t i = 0; list && i < plan->n; i++)
                if (json_object_array_add(list, to_json(plan->ops + i)) < 0)
                        return -ENOMEM;
        return json_print(TAKE_PTR(list), mode);
}

/* Of all devices, or of those named. Returns 0, -ENOENT after saying which name is wrong, or -ENOMEM. */
static int make_plan(const Actual *a, char **names, Plan *plan) {
        int r = 0;

        if (!*names)
                return actual_plan(a, NULL, plan);
        for (; r >= 0 && *names; names++) {
                const Want *want = actual_find(a, *names);

                r = want ? actual_plan(a, want, plan) : -ENOENT;
        }
        return r;
}

static void add_notes(const Actual *a, char **names) {
        bool keeps = false;

        for (size_t i = 0; i < a->wants.n; i++) {
                const Want *w = a->wants.items + i;
                bool named = !*names;

                for (char **n = names; *n; n++)
                        named = named || strcmp(*n, w->name) == 0;
                keeps = keeps || (named && w->device && w->device->keep_carrier);
        }
        if (keeps && !a->daemon_runs)
                ctl_note("netdevctl: KeepCarrier= is not judged, since netdevd does not run: only the "
                         "daemon keeps "
                         "queues");
        if (a->config->failed)
                ctl_note("netdevctl: for files that could not be loaded the daemon goes by what they said "
                         "before, which is not known here");
}

const char verb_diff_help[] =
                "Prints what is left to do for all devices, or for those named, to be as the\n"
                "files say now: one line an operation, with the line of the file that asks for\n"
                "it. 'netdevctl reload' does it. Operations that destroy a device are red, and\n"
                "done by 'reconfigure --recreate' only; 'error', 'conflict' and 'wait' say what\n"
                "is in the way.\n\n"
                "Reads files and kernel itself: it needs neither the daemon nor any privilege.\n"
                "Exits with 0 when there is no difference, with 3 when there is one.";

int verb_diff(char **args, const Options *options) {
        _cleanup_(actual_done) Actual a = {};
        _cleanup_(plan_done) Plan plan = {};
        int r;

        if (actual_read(options, &a) < 0)
                return CTL_FAILED;

        diag_sort(&a.diagnostics);
        problems_print(stderr, &a.diagnostics, SEVERITY_ERROR);
        r = make_plan(&a, args, &plan);
        if (r == -ENOENT)
                return CTL_FAILED; /* it said why */
        if (r >= 0)
                r = options->json == JSON_OFF ? print_lines(&plan) : print_json(&plan, options->json);
        if (r < 0)
                return ctl_error(r, "cannot compute what is left to do");

        add_notes(&a, args);
        return plan.n > 0 ? CTL_DIFFERENT : CTL_GOOD;
}
